// What the engine reads and writes, on every store alike.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoreTransaction } from '../../src/ports.ts';
import { aChange, aFinding, aSignal, at, keyOf } from './samples.ts';
import { onEveryStore } from './stores.ts';

/** Texts in which a database might lose its way. */
const hardTexts = [
  '',
  "it's",
  '\0',
  'a\0b',
  'a\0c',
  '\ud800',
  '\udfff',
  '\u0001',
  '%_\\',
  '雪'.repeat(3000),
  `${'雪'.repeat(3000)}!`,
];

onEveryStore('the engine', (stores) => {
  async function inStore<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T> {
    return (await stores.open()).transaction(work);
  }

  test('finds changes by event, list, name and copy, and replaces those it knows', async () => {
    await inStore(async (tx) => {
      const plain = aChange('e1', 1);
      const listed = aChange('e2', 2, { groupKey: null, listKey: 'list' });
      const named = aChange('e3', 3, { nameKey: 'name', isByName: true });
      const copied = aChange('e4', 4, { copyKey: 'copy', counts: false });
      await tx.putChanges([plain, listed, named, copied]);
      expect(sorted(await tx.changesByEventId(['e1', 'e4', 'e1', 'e9']))).toEqual([plain, copied]);
      expect(await tx.changesByListKey(['list'])).toEqual([listed]);
      expect(await tx.changesByNameKey(['name', 'other'])).toEqual([named]);
      expect(await tx.changesByCopyKey(['copy'])).toEqual([copied]);
      expect(await tx.changesByCopyKey([])).toEqual([]);

      const counted = { ...copied, counts: true, copyKey: 'other copy' };
      await tx.putChanges([copied, counted]);
      expect(await tx.changesByEventId(['e4'])).toEqual([counted]);
      expect(await tx.changesByCopyKey(['copy'])).toEqual([]);
    });
  });

  test('gives the changes of groups that count, from a time on, inclusive', async () => {
    await inStore(async (tx) => {
      const other = keyOf('sg-2');
      const changes = [
        aChange('a1', 1),
        aChange('a2', 2),
        aChange('a3', 3, { counts: false }),
        aChange('b1', 1, { groupKey: other }),
        aChange('c1', 9, { groupKey: null, listKey: 'list' }),
      ];
      await tx.putChanges(changes);
      const found = await tx.changesOfGroups([
        { groupKey: keyOf('sg-1'), fromMs: at(2) },
        { groupKey: other, fromMs: at(0) },
      ]);
      expect(idsOf(found).toSorted()).toEqual(['a2', 'b1']);
    });
  });

  test('keeps what hostile texts say apart', async () => {
    await inStore(async (tx) => {
      const changes = hardTexts.map((text, index) =>
        aChange(`${text}e`, index, { groupKey: text, nameKey: text, copyKey: text, listKey: text }),
      );
      await tx.putChanges(changes);
      for (const change of changes) {
        const key = change.groupKey ?? '';
        expect(await tx.changesByEventId([change.change.eventId])).toEqual([change]);
        expect(await tx.changesByNameKey([key])).toEqual([change]);
        expect(await tx.changesByCopyKey([key])).toEqual([change]);
        expect(await tx.changesByListKey([key])).toEqual([change]);
        expect(await tx.changesOfGroups([{ groupKey: key, fromMs: 0 }])).toEqual([change]);
        await tx.putSnapshots([{ groupKey: key, settledMs: at(1), state: { key } }]);
        await tx.putListNamings([{ groupKey: key, listKey: key }]);
      }
      for (const key of hardTexts) {
        const snapshot = { groupKey: key, settledMs: at(1), state: { key } };
        expect(await tx.snapshotsBefore([{ groupKey: key, atMs: at(1) }])).toEqual([snapshot]);
        expect(await tx.groupsNamingLists([key])).toEqual([key]);
        await tx.putCheckpoint(key, { key });
      }
      for (const key of hardTexts) expect(await tx.checkpoint(key)).toEqual({ key });
    });
  });

  test('gives the latest snapshot at a time, and forgets later ones', async () => {
    await inStore(async (tx) => {
      const [one, two] = [keyOf('sg-1'), keyOf('sg-2')];
      const snapshot = (groupKey: string, second: number) => ({
        groupKey,
        settledMs: at(second),
        state: { second },
      });
      await tx.putSnapshots([snapshot(one, 1), snapshot(one, 5), snapshot(two, 3)]);
      const before = async (second: number) =>
        sorted(
          await tx.snapshotsBefore([one, two].map((groupKey) => ({ groupKey, atMs: at(second) }))),
        );
      expect(await before(0)).toEqual([]);
      expect(await before(1)).toEqual([snapshot(one, 1)]);
      expect(await before(4)).toEqual([snapshot(one, 1), snapshot(two, 3)]);
      expect(await before(9)).toEqual([snapshot(one, 5), snapshot(two, 3)]);

      const again = { ...snapshot(one, 5), state: { second: 'again' } };
      await tx.putSnapshots([again]);
      expect(await before(9)).toEqual([again, snapshot(two, 3)]);

      await tx.deleteSnapshotsAfter([{ groupKey: one, atMs: at(1) }]);
      expect(await before(9)).toEqual([snapshot(one, 1), snapshot(two, 3)]);
    });
  });

  test('knows the groups that have named a list, each once', async () => {
    await inStore(async (tx) => {
      const namings = [
        { groupKey: 'g1', listKey: 'l1' },
        { groupKey: 'g2', listKey: 'l1' },
        { groupKey: 'g1', listKey: 'l2' },
      ];
      await tx.putListNamings(namings);
      await tx.putListNamings(namings);
      expect((await tx.groupsNamingLists(['l1', 'l2'])).toSorted()).toEqual(['g1', 'g2']);
      expect(await tx.groupsNamingLists(['l3'])).toEqual([]);
    });
  });

  test('gives findings that are open, or closed at or after a time', async () => {
    await inStore(async (tx) => {
      const open = aFinding('open', 1);
      const closed = aFinding('closed', 1, 5, { signalId: 'signal-2' });
      await tx.putFindings([open, closed]);
      const since = async (second: number) =>
        (await tx.findingsSince([{ groupKey: keyOf('sg-1'), fromMs: at(second) }])).map(
          ({ exposure }) => exposure.id,
        );
      expect((await since(5)).toSorted()).toEqual(['closed', 'open']);
      expect(await since(6)).toEqual(['open']);
      expect(await tx.findingsOfSignals(['signal-2'])).toEqual([closed]);

      const reopened = aFinding('closed', 1, null, { signalId: 'signal-2' });
      await tx.putFindings([reopened]);
      expect(await tx.findingsOfSignals(['signal-2'])).toEqual([reopened]);
      await tx.deleteFindings(['closed', 'unknown']);
      expect(await since(0)).toEqual(['open']);
    });
  });

  test('keeps a told and a hidden signal of one id apart', async () => {
    await inStore(async (tx) => {
      const told = aSignal('s', 1);
      const hidden = aSignal('s', 1, {}, { suppressedBy: [{ id: 'x', reason: 'known' }] });
      await tx.putSignals([told, hidden]);
      expect(await tx.signalsById(['s'])).toHaveLength(2);
      const later = aSignal('s', 1, { lastSeen: '2026-03-01T09:00:00Z' });
      await tx.putSignals([later]);
      expect(await tx.signalsById(['s'])).toEqual(expect.arrayContaining([later, hidden]));
      await tx.deleteSignals([{ id: 's', isHidden: false }]);
      expect(await tx.signalsById(['s'])).toEqual([hidden]);
      await tx.deleteSignals([{ id: 's', isHidden: true }]);
      expect(await tx.signalsById(['s'])).toEqual([]);
    });
  });

  test('gives the signals of groups by their last opening', async () => {
    await inStore(async (tx) => {
      const early = aSignal('early', 1);
      const late = aSignal('late', 1, {}, { lastOpenedMs: at(7) });
      const other = aSignal('other', 9, { groupId: 'sg-2' });
      await tx.putSignals([early, late, other]);
      const since = (second: number) =>
        tx.signalsSince([{ groupKey: keyOf('sg-1'), fromMs: at(second) }]);
      expect(await since(7)).toEqual([late]);
      expect(await since(8)).toEqual([]);
      expect(await since(1)).toEqual(expect.arrayContaining([early, late]));
    });
  });

  test('remembers checkpoints', async () => {
    await inStore(async (tx) => {
      expect(await tx.checkpoint('trail')).toBeNull();
      await tx.putCheckpoint('trail', { key: 'a' });
      await tx.putCheckpoint('trail', { key: 'b', pages: [1, null] });
      expect(await tx.checkpoint('trail')).toEqual({ key: 'b', pages: [1, null] });
    });
  });

  test('does all of a transaction or none of it', async () => {
    const store = await stores.open();
    const fault = new Error('the work failed');
    await expect(
      store.transaction(async (tx) => {
        await tx.putChanges([aChange('e1', 1)]);
        throw fault;
      }),
    ).rejects.toBe(fault);
    expect(await store.transaction((tx) => tx.changesByEventId(['e1']))).toEqual([]);
  });

  test('does one thing after another where both want the same region', async () => {
    const store = await stores.open();
    const count = async (): Promise<void> => {
      await store.transaction(async (tx) => {
        await tx.lockRegions(['us-east-1', 'eu-west-1', 'us-east-1']);
        const known = await tx.checkpoint('count');
        await new Promise((done) => setTimeout(done, 1));
        await tx.putCheckpoint('count', { value: Number(known?.['value'] ?? 0) + 1 });
      });
    };
    await Promise.all(Array.from({ length: 20 }, count));
    expect(await store.transaction((tx) => tx.checkpoint('count'))).toEqual({ value: 20 });
  });

  test('gives back what it was given', async () => {
    const store = await stores.open();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.json())),
        async (things) => {
          const changes = things.map(([id, key, value], index) => {
            const change = aChange(`${index} ${id}`, index, { groupKey: key, nameKey: key });
            const record = { value: JSON.parse(value) as unknown };
            return { ...change, change: { ...change.change, record } };
          });
          await store.transaction(async (tx) => {
            await tx.putChanges(changes);
            const ids = changes.map(({ change }) => change.eventId);
            expect(sorted(await tx.changesByEventId(ids))).toEqual(sorted(changes));
          });
        },
      ),
      { numRuns: 30 },
    );
  });
});

/** Lists come in any order. */
function sorted<T>(list: readonly T[]): readonly T[] {
  const text = (value: T): string => JSON.stringify(value);
  return list.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}

function idsOf(changes: readonly { readonly change: { readonly eventId: string } }[]) {
  return changes.map(({ change }) => change.eventId);
}
