import { describe, expect, test } from 'vitest';
import { row } from '../../test/support/changes.ts';
import { MemoryStore } from '../../test/support/memory-store.ts';
import { detectExposures } from '../detect/detect-exposures.ts';
import { ingest, type IngestOptions } from '../live/ingest.ts';
import { isFoundByAudit } from '../model/audit.ts';
import type { Change, GroupChange } from '../model/change.ts';
import { tellSignals } from '../track/track-signals.ts';
import { portRule } from '../../test/oracle/rules.ts';
import { add, groupChange, listChange, remove, removeIds } from '../../test/support/changes.ts';
import { baselineChanges } from './baseline-changes.ts';
import type { LookedGroup, LookedList } from './look.ts';

const atMs = Date.UTC(2026, 2, 1, 8, 0, 30);
const rules = [portRule('admin', [22, 3389])];

function group(rows: readonly string[], more: Partial<LookedGroup> = {}): LookedGroup {
  return {
    accountId: '111122223333',
    region: 'us-east-1',
    groupId: 'sg-1',
    groupName: 'web',
    vpcId: 'vpc-1',
    rows: rows.map(row),
    lookedMs: atMs,
    ...more,
  };
}

function list(cidrs: readonly string[], more: Partial<LookedList> = {}): LookedList {
  return {
    accountId: '111122223333',
    region: 'us-east-1',
    prefixListId: 'pl-1',
    version: 5,
    cidrs,
    lookedMs: atMs,
    ...more,
  };
}

const exposuresOf = (changes: readonly Change[]) =>
  detectExposures(changes, rules).findings.map(({ exposure }) => exposure);

describe('what a look found, followed like what records tell', () => {
  test('is open from the look on, opened by an unknown', () => {
    const changes = baselineChanges({ groups: [group(['tcp 22 0.0.0.0/0'])], lists: [] });
    const [exposure] = exposuresOf(changes);
    expect(exposure).toMatchObject({
      groupName: 'web',
      vpcId: 'vpc-1',
      port: 22,
      openedAt: '2026-03-01T08:00:30Z',
      openedByEventName: 'Audit',
      openedBy: { type: 'Unknown', arn: null, sessionName: null },
      closedAt: null,
    });
    expect(exposure?.openedByEventId).toMatch(/^audit:group-[0-9a-f]{20}$/);
    expect(exposure !== undefined && isFoundByAudit(exposure)).toBe(true);
  });

  test('is told in words that name no caller', () => {
    const changes = baselineChanges({ groups: [group(['tcp 22 0.0.0.0/0'])], lists: [] });
    const [told] = tellSignals(detectExposures(changes, rules).findings);
    expect(told?.signal.title).toBe('22 (service-22) of sg-1 found open to the world');
    expect(told?.signal.message).toContain('When it was opened, and by whom, is not known');
    expect(told?.signal.message).not.toContain('Unknown');
  });

  test('opens through a prefix list that is known by the same look', () => {
    const found = { groups: [group(['tcp 22 pl-1'])], lists: [list(['0.0.0.0/0'])] };
    const { findings, undetermined } = detectExposures(baselineChanges(found), rules);
    expect(findings.map(({ exposure }) => exposure.sources)).toEqual([['0.0.0.0/0']]);
    expect(undetermined).toEqual([]);
  });

  test('is undetermined through a list that could not be looked up', () => {
    const found = { groups: [group(['tcp 22 pl-1'])], lists: [] };
    const { findings, undetermined } = detectExposures(baselineChanges(found), rules);
    expect(findings).toEqual([]);
    expect(undetermined.map(({ eventName }) => eventName)).toEqual(['Audit']);
  });

  test('is followed on from the version of the list that was looked up', () => {
    const found = { groups: [group(['tcp 22 pl-1'])], lists: [list(['0.0.0.0/0'])] };
    const narrowed = listChange('narrowed', 50, {
      kind: 'modify',
      add: [],
      remove: ['0.0.0.0/0'],
      currentVersion: 5,
    });
    const [exposure] = exposuresOf([...baselineChanges(found), narrowed]);
    expect(exposure?.closedByEventId).toBe('narrowed');
  });

  test('a group without rows makes no change', () => {
    expect(baselineChanges({ groups: [group([])], lists: [] })).toEqual([]);
  });
});

describe('event ids', () => {
  const idOf = (looked: LookedGroup): string | undefined =>
    baselineChanges({ groups: [looked], lists: [] })[0]?.eventId;
  const first = idOf(group(['tcp 22 0.0.0.0/0 sgr-1']));

  test('are those of the group and its content, whenever it is looked at', () => {
    expect(idOf(group(['tcp 22 0.0.0.0/0 sgr-1'], { lookedMs: atMs + 60_000 }))).toBe(first);
  });

  test.each([
    ['another row', group(['tcp 22 0.0.0.0/0 sgr-1', 'tcp 80 0.0.0.0/0'])],
    ['a row of another id', group(['tcp 22 0.0.0.0/0 sgr-2'])],
    ['another group', group(['tcp 22 0.0.0.0/0 sgr-1'], { groupId: 'sg-2' })],
    ['another region', group(['tcp 22 0.0.0.0/0 sgr-1'], { region: 'eu-west-1' })],
    ['another account', group(['tcp 22 0.0.0.0/0 sgr-1'], { accountId: '444455556666' })],
  ])('differ for %s', (_, other) => {
    expect(idOf(other)).not.toBe(first);
  });
});

describe('a baseline in a store', () => {
  const settings = {
    rules,
    fingerprint: 'a',
    suppressions: [],
    logRules: [],
    channelsFor: () => ['pager'],
  };
  const options: IngestOptions = settings;
  const take = (store: MemoryStore, changes: readonly Change[]) => {
    const batch = { changes, undetermined: [], matches: [], receivedMs: atMs };
    return ingest(store, batch, options);
  };
  const looked = { groups: [group(['tcp 22 0.0.0.0/0 sgr-1'])], lists: [] };
  const later = {
    groups: [group(['tcp 22 0.0.0.0/0 sgr-1'], { lookedMs: atMs + 3_600_000 })],
    lists: [],
  };
  const exposureIn = (store: MemoryStore) => [...store.findings.values()][0]?.exposure;

  test('is told once, however often it is looked at', async () => {
    const store = new MemoryStore();
    const first = await take(store, baselineChanges(looked));
    const second = await take(store, baselineChanges(later));
    expect(first.notices.map(({ kind }) => kind)).toEqual(['opened']);
    expect(second).toMatchObject({ newChanges: 0, notices: [] });
    expect(exposureIn(store)?.openedAt).toBe('2026-03-01T08:00:30Z');
  });

  test.each<[string, GroupChange['effect']]>([
    ['by its id', removeIds('sgr-1')],
    ['by its content', remove('tcp 22 0.0.0.0/0')],
  ])('is closed by a record that removes %s what was opened long ago', async (_, effect) => {
    const store = new MemoryStore();
    await take(store, baselineChanges(looked));
    const closed = await take(store, [groupChange('closing', 50, effect)]);
    expect(closed.notices.map(({ kind }) => kind)).toEqual(['closed']);
    expect(exposureIn(store)).toMatchObject({
      openedByEventName: 'Audit',
      closedByEventId: 'closing',
      durationSeconds: 20,
    });
  });

  test('is corrected by a late record that tells who opened it', async () => {
    const store = new MemoryStore();
    await take(store, baselineChanges(looked));
    await take(store, [groupChange('opening', 10, add('tcp 22 0.0.0.0/0 sgr-1'))]);
    expect([...store.findings.values()].map(({ exposure }) => exposure.openedByEventId)).toEqual([
      'opening',
    ]);
  });
});
