// What is deleted in time, and what never is, on every store alike.

import { expect, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import {
  aChange,
  aFinding,
  aNotice,
  aSignal,
  anUndetermined,
  at,
  isoAt,
  keyOf,
} from './samples.ts';
import { onEveryStore } from './stores.ts';

/** Everything older than a hundred seconds. */
const ages = {
  signalsMs: 100_000,
  undeterminedMs: 100_000,
  auditMs: 100_000,
  noticesMs: 100_000,
  deadLettersMs: 100_000,
};
const nothing = {
  signals: 0,
  exposures: 0,
  changes: 0,
  matches: 0,
  snapshots: 0,
  undetermined: 0,
  auditEntries: 0,
  notices: 0,
  deadLetters: 0,
};

onEveryStore('retention', (stores) => {
  test('deletes what closed long ago, and never what is open', async () => {
    let now = at(0);
    const store = await openStore(await stores.address(), { clock: () => now });
    const closed = { status: 'closed' as const };
    await store.transaction(async (tx) => {
      await tx.putSignals([
        aSignal('old', 1, { ...closed, lastSeen: isoAt(5) }),
        aSignal('recent', 1, { ...closed, lastSeen: isoAt(250) }),
        aSignal('open', 1),
        aSignal(
          'old',
          1,
          { ...closed, lastSeen: isoAt(5) },
          { suppressedBy: [{ id: 'x', reason: '' }] },
        ),
      ]);
      await tx.putFindings([
        aFinding('f1', 1, 5, { signalId: 'old' }),
        aFinding('f2', 1, 250, { signalId: 'recent' }),
        aFinding('f3', 1, 5, { signalId: 'open' }),
        aFinding('f4', 2, null, { signalId: 'open' }),
      ]);
    });
    for (const id of ['old', 'open']) {
      await store.signals.setTriage(id, 'under_review', 'why', { actor: 'alice', from: null });
      await store.signals.addNote(id, 'hm', { actor: 'alice', from: null });
    }
    now = at(300);
    const report = await store.retain({ ...ages, auditMs: 1_000_000 });
    expect(report).toEqual({ ...nothing, signals: 2, exposures: 1 });
    expect(await store.signals.show('old')).toBeNull();
    expect(await store.signals.show('recent')).toMatchObject({ exposures: [{ id: 'f2' }] });
    expect(await store.signals.show('open')).toMatchObject({
      triage: { state: 'under_review' },
      notes: [{ text: 'hm' }],
      exposures: [{ id: 'f3' }, { id: 'f4' }],
    });
    // Nothing that people wrote comes back with a signal of the same id.
    await store.transaction((tx) => tx.putSignals([aSignal('old', 299)]));
    expect(await store.signals.show('old')).toMatchObject({ triage: { state: 'open' }, notes: [] });
    expect(await store.retain({ ...ages, auditMs: 1_000_000 })).toEqual(nothing);
    await store.close();
  });

  test('keeps what it takes to follow a group further', async () => {
    const store = await openStore(await stores.address(), { clock: () => at(300) });
    const [one, two, three] = [keyOf('sg-1'), keyOf('sg-2'), keyOf('sg-3')];
    const snapshot = (groupKey: string, second: number) => ({
      groupKey,
      settledMs: at(second),
      state: {},
    });
    await store.transaction(async (tx) => {
      await tx.putChanges([
        aChange('a1', 1),
        aChange('a2', 20),
        aChange('needed', 21),
        aChange('taught before', 22, { nameKey: 'name' }),
        aChange('teaches', 23, { nameKey: 'name' }),
        aChange('a3', 150),
        aChange('a4', 250),
        aChange('b1', 1, { groupKey: two }),
        aChange('c1', 1, { groupKey: three }),
        aChange('list', 1, { groupKey: null, listKey: 'list' }),
      ]);
      await tx.putSnapshots([
        snapshot(one, 10),
        snapshot(one, 30),
        snapshot(one, 240),
        snapshot(two, 250),
      ]);
      const finding = aFinding('f', 21);
      await tx.putFindings([
        { ...finding, admissions: [{ source: '0.0.0.0/0', eventId: 'needed' }] },
      ]);
    });
    // Of the first group the state at 30 is the latest from before 200: it and what follows stay. The
    // other groups have no state from before then, so all their changes are needed.
    expect(await store.retain(ages)).toEqual({ ...nothing, changes: 3, snapshots: 1 });
    const ids = ['a1', 'a2', 'needed', 'taught before', 'teaches', 'a3', 'a4', 'b1', 'c1', 'list'];
    const left = await store.transaction((tx) => tx.changesByEventId(ids));
    expect(left.map(({ change }) => change.eventId).toSorted()).toEqual(
      ['needed', 'teaches', 'a3', 'a4', 'b1', 'c1', 'list'].toSorted(),
    );
    const before = await store.transaction((tx) =>
      tx.snapshotsBefore([{ groupKey: one, atMs: at(100) }]),
    );
    expect(before).toEqual([snapshot(one, 30)]);
    expect(await store.retain(ages)).toEqual(nothing);
    await store.close();
  });

  test('deletes the rest by its age', async () => {
    let now = at(0);
    const store = await openStore(await stores.address(), { clock: () => now });
    const letter = { source: 'queue', body: '', reason: '', receivedMs: at(1), attempts: 1 };
    await store.transaction(async (tx) => {
      await tx.putUndetermined([anUndetermined('e1', 1), anUndetermined('e2', 250)]);
      const notice = (key: string) => aNotice(key, aSignal(key, 1), 1);
      await tx.putOutbox(
        ['sent', 'waiting'].map((key) => ({ notice: notice(key), channel: 'pager' })),
      );
      const match = { ruleId: 'r', eventId: 'm1', timeMs: at(1), groups: ['g'], match: {} };
      await tx.putMatches([match, { ...match, eventId: 'm2', timeMs: at(250) }]);
    });
    now = at(2);
    await store.deadLetters.put({ ...letter, messageId: 'm1' });
    await store.deadLetters.put({ ...letter, messageId: 'm2', receivedMs: at(250) });
    const claimed = await store.outbox.claim('pager', { limit: 1, leaseSeconds: 10 });
    await store.outbox.markSent(claimed.map(({ receipt }) => receipt));
    const entry = { actor: 'a', from: null, action: 'x', subject: null, details: {} };
    await store.audit.append(entry);
    now = at(250);
    await store.audit.append(entry);
    now = at(300);
    expect(await store.retain(ages)).toEqual({
      ...nothing,
      matches: 1,
      undetermined: 1,
      auditEntries: 1,
      notices: 1,
      deadLetters: 1,
    });
    expect(await store.outbox.depth()).toMatchObject([{ waiting: 1 }]);
    expect(await store.retain(ages)).toEqual(nothing);
    await store.close();
  });

  test('goes through more than one step of deleting', async () => {
    const store = await openStore(await stores.address(), { clock: () => at(3_000) });
    await store.transaction(async (tx) => {
      await tx.putUndetermined(
        Array.from({ length: 1_203 }, (_, index) => anUndetermined(`e${index}`, index)),
      );
      await tx.putChanges(Array.from({ length: 1_100 }, (_, index) => aChange(`c${index}`, index)));
      await tx.putSnapshots([{ groupKey: keyOf('sg-1'), settledMs: at(1_050), state: {} }]);
    });
    expect(await store.retain(ages)).toEqual({ ...nothing, undetermined: 1_203, changes: 1_050 });
    await store.close();
  });
});
