// Signals as people list and judge them, on every store alike.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ListedSignal, SignalFilter, SignalSort, Who } from '../../src/model/desk.ts';
import { severities } from '../../src/model/exposure.ts';
import { triageStates, type StoredSignal } from '../../src/model/stored.ts';
import { compileQuery, QueryError } from '../../src/query/index.ts';
import { signalObject } from '../../src/track/signal-object.ts';
import { aChange, aFinding, aSignal, at, isoAt } from './samples.ts';
import { onEveryStore, type OpenedStore } from './stores.ts';

const alice: Who = { actor: 'alice', from: '198.51.100.7' };
const newest: SignalSort = { by: 'firstSeen', descending: true };

async function put(store: OpenedStore, signals: readonly StoredSignal[]): Promise<void> {
  await store.transaction((tx) => tx.putSignals(signals));
}

/** All of a list, page after page. */
async function listAll(
  store: OpenedStore,
  filter: SignalFilter,
  sort = newest,
  limit = 7,
): Promise<readonly ListedSignal[]> {
  const items: ListedSignal[] = [];
  for (let cursor: string | null = null; ;) {
    const page = await store.signals.list({ ...filter, sort, limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    if (page.next === null) return items;
    cursor = page.next;
  }
}

async function idsBy(store: OpenedStore, query: string, sort = newest): Promise<readonly string[]> {
  return (await listAll(store, { query }, sort)).map(({ signal }) => signal.id);
}

onEveryStore('signals', (stores) => {
  test('come in the order asked for, page by page, whatever is added meanwhile', async () => {
    const store = await stores.open();
    const signals = [
      aSignal('a', 1, { severity: 'low', lastSeen: isoAt(9) }),
      aSignal('b', 2, { severity: 'critical', lastSeen: isoAt(3) }),
      aSignal('c', 3, { severity: 'low', lastSeen: isoAt(4) }),
      aSignal('d', 3, { severity: 'high', lastSeen: isoAt(3) }),
    ];
    await put(store, signals);
    const order = async (by: SignalSort['by'], descending: boolean) =>
      (await listAll(store, { query: '' }, { by, descending }, 1)).map(({ signal }) => signal.id);
    for (const by of ['firstSeen', 'lastSeen', 'severity'] as const) {
      expect(await order(by, false)).toEqual((await order(by, true)).toReversed());
    }
    expect((await order('firstSeen', false)).slice(0, 2)).toEqual(['a', 'b']);
    expect((await order('lastSeen', true)).slice(0, 2)).toEqual(['a', 'c']);
    expect(await order('severity', true)).toEqual(['b', 'd', 'c', 'a']);

    const first = await store.signals.list({ query: '', sort: newest, limit: 2, cursor: null });
    await put(store, [aSignal('newer', 50), aSignal('older', 0)]);
    const rest = await store.signals.list({
      query: '',
      sort: newest,
      limit: 10,
      cursor: first.next,
    });
    expect(rest.items.map(({ signal }) => signal.id)).toEqual(['b', 'a', 'older']);
  });

  test('take no cursor of another list', async () => {
    const store = await stores.open();
    await put(store, [aSignal('a', 1), aSignal('b', 2)]);
    const page = await store.signals.list({ query: '', sort: newest, limit: 1, cursor: null });
    for (const cursor of [page.next, 'nonsense', '', 'W10']) {
      const sort: SignalSort = { by: 'lastSeen', descending: true };
      await expect(store.signals.list({ query: '', sort, limit: 1, cursor })).rejects.toMatchObject(
        { code: 'store/bad-cursor' },
      );
    }
  });

  test('are found by their exposures and by the record that began them', async () => {
    const store = await stores.open();
    const change = aChange('event of a', 1);
    const record = { userIdentity: { type: 'Root' }, eventName: 'AuthorizeSecurityGroupIngress' };
    await store.transaction(async (tx) => {
      await tx.putSignals([aSignal('a', 1), aSignal('b', 2)]);
      await tx.putFindings([aFinding('x', 1, null, { signalId: 'a' })]);
      await tx.putChanges([{ ...change, change: { ...change.change, record } }]);
    });
    expect(await idsBy(store, '@exposures.port:22')).toEqual(['a']);
    expect(await idsBy(store, '@userIdentity.type:Root')).toEqual(['a']);
    expect(await idsBy(store, '@evt.name:Auth*')).toEqual(['a']);
    expect(await idsBy(store, '*:Root')).toEqual(['a']);
    expect(await idsBy(store, 'opened')).toEqual(['b', 'a']);
    expect(await idsBy(store, '@exposures.port:23')).toEqual([]);
    await expect(idsBy(store, '@exposures.port:(')).rejects.toThrow(QueryError);
  });

  test('that are hidden are listed apart', async () => {
    const store = await stores.open();
    const suppressedBy = [{ id: 'x', reason: 'known' }];
    await put(store, [
      aSignal('a', 1),
      aSignal('a', 1, {}, { suppressedBy }),
      aSignal('b', 2, { severity: 'low' }, { suppressedBy }),
    ]);
    expect(await idsBy(store, '')).toEqual(['a']);
    const hidden = await listAll(store, { query: '', hidden: true });
    expect(hidden.map(({ signal }) => signal.id)).toEqual(['b', 'a']);
    expect(hidden[0]?.suppressedBy).toEqual(suppressedBy);
    expect(await listAll(store, { query: 'severity:low', hidden: true })).toHaveLength(1);
    expect((await store.signals.show('a'))?.suppressedBy).toEqual([]);
    expect((await store.signals.show('b'))?.suppressedBy).toEqual(suppressedBy);
    expect(await store.signals.show('c')).toBeNull();
  });

  test('are shown with their exposures and notes', async () => {
    const store = await stores.open();
    const [early, late] = [
      aFinding('x', 1, 5, { signalId: 'a' }),
      aFinding('y', 2, null, { signalId: 'a' }),
    ];
    const hidden = aFinding('z', 1, null, { signalId: 'a', isHidden: true });
    await put(store, [aSignal('a', 1)]);
    await store.transaction((tx) => tx.putFindings([late, early, hidden]));
    await store.signals.addNote('a', 'asked in the channel', alice);
    await store.signals.addNote('a', 'answered', { actor: 'bob', from: null });
    const shown = await store.signals.show('a');
    expect(shown?.exposures).toEqual([early.exposure, late.exposure]);
    expect(shown?.notes).toMatchObject([
      { author: 'alice', text: 'asked in the channel', signalId: 'a' },
      { author: 'bob', text: 'answered' },
    ]);
  });

  test('are judged, and what people made of them outlives what the engine does', async () => {
    const store = await stores.open();
    await put(store, [aSignal('a', 1), aSignal('b', 2)]);
    await store.signals.setTriage('a', 'under_review', 'asking alice', alice);
    await store.signals.assign('a', 'bob', alice);
    const triage = { state: 'under_review', reason: 'asking alice', assignee: 'bob' };
    const check = async () => {
      expect((await store.signals.show('a'))?.triage).toMatchObject(triage);
      expect(await idsBy(store, 'triage:under_review')).toEqual(['a']);
      expect(await idsBy(store, 'assignee:bob')).toEqual(['a']);
      expect(await idsBy(store, '-assignee:*')).toEqual(['b']);
      expect(await idsBy(store, '-triage:under_review')).toEqual(['b']);
    };
    await check();
    await put(store, [aSignal('a', 1, { status: 'closed', lastSeen: isoAt(8) })]);
    await check();
    await store.transaction((tx) => tx.deleteSignals([{ id: 'a', isHidden: false }]));
    expect(await store.signals.show('a')).toBeNull();
    await put(store, [aSignal('a', 1)]);
    await check();
    await store.signals.assign('a', null, alice);
    expect(await idsBy(store, 'assignee:*')).toEqual([]);

    const { items } = await store.audit.list({ limit: 10, cursor: null });
    expect(items.map(({ action }) => action)).toEqual([
      'signal.assign',
      'signal.assign',
      'signal.triage',
    ]);
    expect(items.at(-1)).toMatchObject({
      actor: 'alice',
      from: '198.51.100.7',
      subject: 'a',
      details: { state: 'under_review', before: { state: 'open', reason: null } },
    });
  });

  test('that are not there cannot be judged', async () => {
    const store = await stores.open();
    const code = 'signal/unknown-id';
    await expect(store.signals.setTriage('x', 'archived', '', alice)).rejects.toMatchObject({
      code,
    });
    await expect(store.signals.assign('x', 'bob', alice)).rejects.toMatchObject({ code });
    await expect(store.signals.addNote('x', 'hm', alice)).rejects.toMatchObject({ code });
    expect((await store.audit.list({ limit: 1, cursor: null })).items).toEqual([]);
  });

  test('are counted up to a bound', async () => {
    const store = await stores.open();
    await put(
      store,
      Array.from({ length: 30 }, (_, index) =>
        aSignal(`s${index}`, index, { severity: index % 3 === 0 ? 'low' : 'high' }),
      ),
    );
    expect(await store.signals.count({ query: '' })).toEqual({ count: 30, isExact: true });
    expect(await store.signals.count({ query: 'severity:low' })).toEqual({
      count: 10,
      isExact: true,
    });
    expect(await store.signals.count({ query: '', fromMs: at(10), beforeMs: at(20) })).toEqual({
      count: 10,
      isExact: true,
    });
    expect(await store.signals.count({ query: '@title:SSH*' })).toEqual({
      count: 30,
      isExact: true,
    });
  });

  test('are those that the query language says, in whatever order, on whatever pages', async () => {
    const store = await stores.open();
    const random = arbitrarySignals();
    await fc.assert(
      fc.asyncProperty(
        random,
        fc.array(arbitraryTerm, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('firstSeen', 'lastSeen', 'severity'),
        fc.boolean(),
        async (signals, terms, by, descending) => {
          await store.transaction((tx) =>
            tx.deleteSignals(known.map((id) => ({ id, isHidden: false }))),
          );
          await put(store, signals);
          const query = terms.join(' ');
          const matches = compileQuery(query);
          const wanted = signals.filter(({ signal }) =>
            matches({ ...signalObject(signal, [], {}), triage: 'open', assignee: null }),
          );
          const found = await listAll(store, { query }, { by, descending }, 3);
          expect(found.map(({ signal }) => signal.id).toSorted()).toEqual(
            wanted.map(({ signal }) => signal.id).toSorted(),
          );
          const keys = found.map(({ signal }) => sortKey(by, signal));
          expect(keys).toEqual(keys.toSorted((a, b) => (descending ? b - a : a - b)));
          expect(await store.signals.count({ query })).toEqual({
            count: wanted.length,
            isExact: true,
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  test('know every state of triage', async () => {
    const store = await stores.open();
    await put(store, [aSignal('a', 1)]);
    for (const state of triageStates) {
      await store.signals.setTriage('a', state, 'because', alice);
      expect(await idsBy(store, `triage:${state}`)).toEqual(['a']);
    }
  });
});

function sortKey(by: SignalSort['by'], signal: ListedSignal['signal']): number {
  if (by === 'severity') return severities.indexOf(signal.severity);
  return Date.parse(by === 'firstSeen' ? signal.firstSeen : signal.lastSeen);
}

const known = Array.from({ length: 12 }, (_, index) => `s${index}`);
const regions = ['us-east-1', 'eu-west-1'];
const accounts = ['111122223333', '444455556666'];
const groups = ['sg-1', 'sg-2', 'sg-3'];

function arbitrarySignals(): fc.Arbitrary<readonly StoredSignal[]> {
  return fc
    .uniqueArray(
      fc.record({
        id: fc.constantFrom(...known),
        second: fc.nat(9),
        seenFor: fc.nat(5),
        severity: fc.constantFrom(...severities),
        region: fc.constantFrom(...regions),
        accountId: fc.constantFrom(...accounts),
        groupId: fc.constantFrom(...groups),
        status: fc.constantFrom('open', 'closed'),
      }),
      { selector: ({ id }) => id },
    )
    .map((all) =>
      all.map(({ id, second, seenFor, ...more }) =>
        aSignal(id, second, { ...more, lastSeen: isoAt(second + seenFor) }),
      ),
    );
}

const values: Readonly<Record<string, readonly string[]>> = {
  severity: [...severities, 'none'],
  region: [...regions, 'eu-*'],
  accountId: [...accounts, '1'],
  groupId: [...groups, '*'],
  status: ['open', 'closed', 'ajar'],
  triage: ['open', 'archived', '*'],
  assignee: ['bob', '*'],
  title: ['SSH*', 'other'],
};

/** `@name:value`, with and without `@`, `-` and several values. */
const arbitraryTerm = fc
  .constantFrom(...Object.keys(values))
  .chain((name) =>
    fc
      .tuple(
        fc.constantFrom('', '-'),
        fc.constantFrom('', '@'),
        fc.array(fc.constantFrom(...(values[name] ?? [])), { minLength: 1, maxLength: 3 }),
      )
      .map(([not, sign, of]) => `${not}${sign}${name}:(${of.join(' OR ')})`),
  );
