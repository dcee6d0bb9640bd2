import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { row } from '../../test/support/changes.ts';
import { GroupRows } from '../detect/group-rows.ts';
import { compareChanges } from '../detect/order.ts';
import { groupKey } from '../model/group-key.ts';
import { rowKey, type IngressRule } from '../model/ingress-rule.ts';
import { compareWithFollowed, driftChanges, persisting, type FollowedRows } from './drift.ts';
import type { LookedGroup } from './look.ts';

const place = { accountId: '111122223333', region: 'us-east-1' };
const atMs = Date.UTC(2026, 2, 1, 9);

const texts = [
  'tcp 22 0.0.0.0/0',
  'tcp 22 0.0.0.0/0 sgr-1',
  'tcp 22 0.0.0.0/0 sgr-2',
  'tcp 20-25 ::/0',
  'tcp 3389 10.0.0.0/8',
  'all * pl-1',
  'udp 53 0.0.0.0/0 sgr-3',
] as const;

const distinctRows = fc.uniqueArray(fc.constantFrom(...texts).map(row), {
  selector: rowKey,
  maxLength: 5,
});

const estate = fc.dictionary(fc.constantFrom('sg-1', 'sg-2', 'sg-3', 'sg-4'), distinctRows);

function followed(groups: Readonly<Record<string, readonly IngressRule[]>>): FollowedRows {
  return new Map(
    Object.entries(groups).map(([groupId, rows]) => [groupKey({ ...place, groupId }), rows]),
  );
}

function looked(groups: Readonly<Record<string, readonly IngressRule[]>>): readonly LookedGroup[] {
  return Object.entries(groups).map(([groupId, rows]) => ({
    ...place,
    groupId,
    groupName: null,
    vpcId: null,
    rows,
    lookedMs: atMs,
  }));
}

const compare = (
  told: Readonly<Record<string, readonly IngressRule[]>>,
  there: Readonly<Record<string, readonly IngressRule[]>>,
) => compareWithFollowed(followed(told), { groups: looked(there), places: [place] }, atMs);

describe('the changes of what has drifted', () => {
  test('make what is followed equal to what is there, and then nothing differs any more', () => {
    fc.assert(
      fc.property(estate, estate, (told, there) => {
        const changes = driftChanges(compare(told, there)).toSorted(compareChanges);
        const now = new Map<string, readonly IngressRule[]>();
        for (const groupId of new Set([...Object.keys(told), ...Object.keys(there)])) {
          const rows = new GroupRows(new Set(), told[groupId] ?? []);
          for (const change of changes) {
            if (change.group.kind === 'id' && change.group.groupId === groupId) rows.apply(change);
          }
          now.set(groupId, [...rows.rows]);
          expect([...rows.rows].map(rowKey).toSorted()).toEqual(
            (there[groupId] ?? []).map(rowKey).toSorted(),
          );
        }
        expect(compare(Object.fromEntries(now), there)).toEqual([]);
      }),
    );
  });

  test('are none where nothing differs, whatever the ids of rows', () => {
    fc.assert(
      fc.property(estate, (there) => {
        const told = Object.fromEntries(
          Object.entries(there).map(([id, rows]) => [
            id,
            rows.toReversed().map((each) => ({ ...each, ruleId: null })),
          ]),
        );
        expect(compare(told, there)).toEqual([]);
      }),
    );
  });

  test('have ids of their own at each look, and the same ids for the same look', () => {
    const there = { 'sg-1': [row('tcp 22 0.0.0.0/0')] };
    const idsAt = (lookedMs: number) =>
      driftChanges(compare({}, there).map((drift) => ({ ...drift, lookedMs }))).map(
        ({ eventId }) => eventId,
      );
    expect(idsAt(atMs)).toEqual(idsAt(atMs));
    expect(idsAt(atMs)).not.toEqual(idsAt(atMs + 1000));
  });
});

describe('what differs', () => {
  const ssh = row('tcp 22 0.0.0.0/0');
  const rdp = row('tcp 3389 0.0.0.0/0');

  test('is told by group: what appeared, and what is gone', () => {
    expect(compare({ 'sg-1': [ssh] }, { 'sg-1': [rdp] })).toMatchObject([
      { groupId: 'sg-1', appeared: [rdp], gone: [ssh], isDeleted: false },
    ]);
  });

  test('is the group itself where it is gone from a region that was looked into', () => {
    expect(compare({ 'sg-1': [ssh] }, {})).toMatchObject([{ isDeleted: true, gone: [ssh] }]);
    const elsewhere = { groups: [], places: [{ ...place, region: 'eu-west-1' }] };
    expect(compareWithFollowed(followed({ 'sg-1': [ssh] }), elsewhere, atMs)).toEqual([]);
  });

  test('leaves out rows of other groups, which open nothing', () => {
    expect(compare({ 'sg-1': [row('tcp 22 sg-9')] }, { 'sg-1': [row('tcp 22 sg-8')] })).toEqual([]);
  });
});

describe('what persists', () => {
  const ssh = row('tcp 22 0.0.0.0/0');
  const rdp = row('tcp 3389 0.0.0.0/0');

  test('is what both looks found', () => {
    const earlier = compare({ 'sg-1': [] }, { 'sg-1': [ssh], 'sg-2': [rdp] });
    const now = compare({ 'sg-1': [] }, { 'sg-1': [ssh, rdp] });
    expect(persisting(earlier, now)).toMatchObject([
      { groupId: 'sg-1', appeared: [ssh], gone: [] },
    ]);
  });

  test('is nothing where the trail has told meanwhile', () => {
    const earlier = compare({ 'sg-1': [] }, { 'sg-1': [ssh] });
    expect(persisting(earlier, compare({ 'sg-1': [ssh] }, { 'sg-1': [ssh] }))).toEqual([]);
  });

  test('is always a part of what differs now', () => {
    fc.assert(
      fc.property(estate, estate, estate, estate, (toldThen, then, toldNow, now) => {
        const differing = compare(toldNow, now);
        for (const drift of persisting(compare(toldThen, then), differing)) {
          const whole = differing.find(({ groupKey: key }) => key === drift.groupKey);
          expect(whole?.appeared).toEqual(expect.arrayContaining([...drift.appeared]));
          expect(whole?.gone).toEqual(expect.arrayContaining([...drift.gone]));
        }
      }),
    );
  });
});
