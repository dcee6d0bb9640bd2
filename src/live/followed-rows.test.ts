import { describe, expect, test } from 'vitest';
import { portRule } from '../../test/oracle/rules.ts';
import { add, groupChange, remove, removeIds, replace } from '../../test/support/changes.ts';
import { MemoryStore } from '../../test/support/memory-store.ts';
import { compareWithFollowed, driftChanges } from '../audit/drift.ts';
import type { Change } from '../model/change.ts';
import { groupKey } from '../model/group-key.ts';
import { rowKey } from '../model/ingress-rule.ts';
import { followedRows } from './follow-groups.ts';
import { ingest } from './ingest.ts';

const settings = {
  rules: [portRule('admin', [22])],
  fingerprint: 'a',
  suppressions: [],
  logRules: [],
  channelsFor: () => [],
};
const place = { accountId: '111122223333', region: 'us-east-1' };
const key = groupKey({ ...place, groupId: 'sg-1' });

async function take(store: MemoryStore, changes: readonly Change[]): Promise<void> {
  const batch = { changes, undetermined: [], matches: [], receivedMs: 0 };
  await ingest(store, batch, settings);
}

async function rowsIn(store: MemoryStore): Promise<readonly string[]> {
  const rows = await store.transaction((tx) => followedRows(tx, [key], settings));
  return (rows.get(key) ?? []).map(rowKey).toSorted();
}

describe('the rows of a followed group', () => {
  test('are what its changes leave, whatever the order in which they came', async () => {
    const store = new MemoryStore();
    await take(store, [groupChange('d', 40, removeIds('sgr-2'))]);
    await take(store, [
      groupChange('c', 30, replace('tcp 23 10.0.0.0/8 sgr-1')),
      groupChange('a', 10, add('tcp 22 0.0.0.0/0 sgr-1', 'tcp 80 ::/0 sgr-2', 'udp 53 10.0.0.0/8')),
    ]);
    await take(store, [groupChange('b', 20, remove('udp 53 10.0.0.0/8'))]);
    expect(await rowsIn(store)).toEqual(['tcp 23-23 10.0.0.0/8']);
  });

  test('are none for a group that is not followed', async () => {
    const rows = await new MemoryStore().transaction((tx) => followedRows(tx, [key], settings));
    expect(rows.size).toBe(0);
  });

  test('are what is there once the drift has been taken in, and the exposure closes by it', async () => {
    const store = new MemoryStore();
    await take(store, [groupChange('a', 10, add('tcp 22 0.0.0.0/0'))]);
    const atMs = Date.UTC(2026, 2, 1, 9);
    const followed = await store.transaction((tx) => followedRows(tx, [key], settings));
    await take(
      store,
      driftChanges(compareWithFollowed(followed, { groups: [], places: [place] }, atMs)),
    );
    expect(await rowsIn(store)).toEqual([]);
    expect([...store.findings.values()].map(({ exposure }) => exposure)).toMatchObject([
      { openedByEventId: 'a', closedAt: '2026-03-01T09:00:00Z', closedBy: { type: 'Unknown' } },
    ]);
  });
});
