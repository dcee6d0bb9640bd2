import { describe, expect, it } from 'vitest';

import { portRule } from '../../test/oracle/rules.ts';
import { add, groupChange, remove, replace } from '../../test/support/changes.ts';
import { MemoryStore } from '../../test/support/memory-store.ts';
import type { Change, GroupChange } from '../model/change.ts';
import type { Notice } from '../model/stored.ts';
import type { Suppression } from '../model/suppression.ts';
import { ingest } from './ingest.ts';

const rules = [
  portRule(
    'admin',
    [22, 3389],
    {},
    { options: { keepAliveSeconds: 60, maxSignalDurationSeconds: 600 } },
  ),
];

/** What is told when the batches come one after the other. */
async function told(
  store: MemoryStore,
  batches: readonly (readonly Change[])[],
  suppressions: readonly Suppression[] = [],
): Promise<readonly Notice[]> {
  const notices: Notice[] = [];
  for (const changes of batches) {
    const ingested = await ingest(
      store,
      { changes, undetermined: [], matches: [], receivedMs: 7 },
      {
        rules,
        fingerprint: 'a',
        snapshotSpacing: 32,
        suppressions,
        logRules: [],
        channelsFor: () => ['pager'],
      },
    );
    notices.push(...ingested.notices);
  }
  return notices;
}

const kinds = (notices: readonly Notice[]): readonly string[] => notices.map(({ kind }) => kind);

const opening = groupChange('a', 10, add('tcp 22 0.0.0.0/0 sgr-1'));
const closing = groupChange('b', 40, remove('tcp 22 0.0.0.0/0'));

describe('what is told', () => {
  it('is an opening once, however often it comes', async () => {
    const store = new MemoryStore();
    const notices = await told(store, [[opening], [opening, opening], [opening]]);
    expect(kinds(notices)).toEqual(['opened']);
    expect([...store.outbox.keys()]).toEqual([`pager ${notices[0]?.signal.id}/opened`]);
  });

  it('is a closing once', async () => {
    const notices = await told(new MemoryStore(), [[opening], [closing], [closing]]);
    expect(kinds(notices)).toEqual(['opened', 'closed']);
    expect(notices[1]?.signal).toMatchObject({ status: 'closed', durationSeconds: 30 });
  });

  it('is both where both come at once', async () => {
    expect(kinds(await told(new MemoryStore(), [[opening, closing]]))).toEqual([
      'opened',
      'closed',
    ]);
  });

  it('is a signal that is open again', async () => {
    const again = groupChange('c', 50, add('tcp 22 0.0.0.0/0 sgr-2'));
    const notices = await told(new MemoryStore(), [[opening, closing], [again]]);
    expect(kinds(notices)).toEqual(['opened', 'closed', 'reopened']);
  });

  it('is a correction, under the new id and naming the old one, where it began earlier', async () => {
    const earlier = groupChange('0', 5, add('tcp 22 0.0.0.0/0 sgr-0'));
    const store = new MemoryStore();
    const notices = await told(store, [[opening, closing], [earlier]]);
    expect(kinds(notices)).toEqual(['opened', 'closed', 'corrected']);
    expect(notices[2]).toMatchObject({
      signal: { firstSeen: '2026-03-01T08:00:05Z', durationSeconds: 35 },
      replaces: notices[0]?.signal.id,
      correction: 'first opened at 2026-03-01T08:00:05Z, not 2026-03-01T08:00:10Z',
    });
    expect([...store.signals.values()].map(({ signal }) => signal.id)).toEqual([
      notices[2]?.signal.id,
    ]);
  });

  it('is a correction where it closed at another time', async () => {
    const sooner = groupChange('s', 20, remove('tcp 22 0.0.0.0/0'));
    const notices = await told(new MemoryStore(), [[opening], [closing], [sooner]]);
    expect(kinds(notices)).toEqual(['opened', 'closed', 'corrected']);
    expect(notices[2]?.correction).toBe(
      'closed at 2026-03-01T08:00:20Z, not closed at 2026-03-01T08:00:40Z',
    );
  });

  it('is a withdrawal where the row turns out to be of an egress rule', async () => {
    const modified = groupChange('m', 10, replace('tcp 22 0.0.0.0/0 sgr-9'));
    const later = groupChange('n', 30, add('tcp 443 0.0.0.0/0 sgr-3'));
    const egress = groupChange('e', 90, { kind: 'egress', ruleIds: ['sgr-9'] });
    const store = new MemoryStore();
    const notices = await told(store, [[modified], [later], [egress]]);
    expect(kinds(notices)).toEqual(['opened', 'withdrawn']);
    expect(store.signals.size).toBe(0);
    expect(store.findings.size).toBe(0);
  });

  it('is nothing where a suppression hides it; the signal is kept, with the suppression', async () => {
    const store = new MemoryStore();
    const known: Suppression = {
      id: 'known',
      ruleId: null,
      query: 'exposures.port:22',
      reason: 'honeypot',
      creator: null,
      startMs: null,
      endMs: null,
    };
    expect(await told(store, [[opening], [closing]], [known])).toEqual([]);
    expect([...store.signals.values()]).toMatchObject([
      { signal: { status: 'closed' }, suppressedBy: [{ id: 'known', reason: 'honeypot' }] },
    ]);
  });
});

describe('what is learned late', () => {
  it('names the group in what was closed long before', async () => {
    const store = new MemoryStore();
    const others = [60, 120, 180].map((second) =>
      groupChange(`o${second}`, second, add(`tcp ${second} 10.0.0.0/8`)),
    );
    const naming = groupChange('z', 300, add('tcp 80 10.0.0.0/8'), {
      groupName: 'web',
      vpcId: 'vpc-1',
    });
    await told(store, [[opening], [closing], ...others.map((change) => [change]), [naming]]);
    expect([...store.findings.values()].map(({ exposure }) => exposure)).toMatchObject([
      { groupName: 'web', vpcId: 'vpc-1' },
    ]);
  });

  it('gives a call to the account that owns the group, of whose copy it is told later', async () => {
    const copy = (id: string, accountId: string): GroupChange => ({
      ...opening,
      eventId: id,
      accountId,
      sharedEventId: 'shared',
      record: { userIdentity: { accountId: '111122223333' }, recipientAccountId: accountId },
    });
    const store = new MemoryStore();
    const notices = await told(store, [
      [copy('caller', '111122223333')],
      [copy('owner', '444455556666')],
    ]);
    expect([...store.signals.values()].map(({ signal }) => signal.accountId)).toEqual([
      '444455556666',
    ]);
    expect(kinds(notices).toSorted()).toEqual(['opened', 'opened', 'withdrawn']);
  });

  it('keeps snapshots at a distance, whatever the number of changes', async () => {
    const store = new MemoryStore();
    const changes = Array.from({ length: 200 }, (_, index) =>
      groupChange(
        `e${String(index).padStart(4, '0')}`,
        index,
        index % 2 === 0 ? add('tcp 22 0.0.0.0/0') : remove('tcp 22 0.0.0.0/0'),
      ),
    );
    await told(
      store,
      changes.map((change) => [change]),
    );
    expect(store.snapshots.size).toBeGreaterThan(4);
    expect(store.snapshots.size).toBeLessThanOrEqual(8);
    expect(store.findings.size).toBe(100);
  });
});
