// Exposures, suppressions, tokens, dead letters, the audit log: what people see and change besides
// signals, on every store alike.

import { expect, test } from 'vitest';
import type { Page, PageRequest, Who } from '../../src/model/desk.ts';
import { openStore } from '../../src/store/open-store.ts';
import { aFinding, aNotice, aSignal, anUndetermined, at, keyOf } from './samples.ts';
import { onEveryStore } from './stores.ts';

const alice: Who = { actor: 'alice', from: '198.51.100.7' };

/** All of a list, page after page. */
async function all<T>(
  list: (request: PageRequest) => Promise<Page<T>>,
  limit = 2,
): Promise<readonly T[]> {
  const items: T[] = [];
  for (let cursor: string | null = null; ;) {
    const page: Page<T> = await list({ limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    if (page.next === null) return items;
    cursor = page.next;
  }
}

onEveryStore('the desk', (stores) => {
  test('lists exposures, latest opening first, by what they are about', async () => {
    const store = await stores.open();
    const other = keyOf('sg-2');
    await store.transaction(async (tx) => {
      await tx.putSignals([
        aSignal('s1', 1),
        aSignal('s2', 1, { groupId: 'sg-2' }, { groupKey: other }),
      ]);
      await tx.putFindings([
        aFinding('a', 1, 5),
        aFinding('b', 3),
        aFinding('c', 2, null, { groupKey: other, signalId: 's2' }),
        aFinding('d', 2, null, { isHidden: true }),
        aFinding('e', 2, 3),
      ]);
    });
    const ids = async (filter: Parameters<typeof store.exposures.list>[0]) =>
      (await all((request) => store.exposures.list({ ...filter, ...request }))).map(
        ({ exposure }) => exposure.id,
      );
    const any = { limit: 1, cursor: null };
    const everything = await ids(any);
    expect([everything[0], everything[3]]).toEqual(['b', 'a']);
    expect(everything.toSorted()).toEqual(['a', 'b', 'c', 'e']);
    expect(await ids({ ...any, groupId: 'sg-2' })).toEqual(['c']);
    expect((await ids({ ...any, isOpen: true })).toSorted()).toEqual(['b', 'c']);
    expect((await ids({ ...any, isOpen: false })).toSorted()).toEqual(['a', 'e']);
    expect(await ids({ ...any, fromMs: at(3) })).toEqual(['b']);
    expect(await ids({ ...any, beforeMs: at(2) })).toEqual(['a']);
    expect(await ids({ ...any, region: 'eu-west-1' })).toEqual([]);
    expect(await ids({ ...any, accountId: '111122223333', ruleId: 'other' })).toEqual([]);
    expect(await store.exposures.show('d')).toMatchObject({ isHidden: true, signalId: 'signal-1' });
    expect(await store.exposures.show('z')).toBeNull();
  });

  test('counts exposures over time', async () => {
    const store = await stores.open();
    await store.transaction((tx) =>
      tx.putFindings([
        aFinding('before', 0, 12),
        aFinding('over', 1, 5),
        aFinding('in', 11, 31),
        aFinding('open', 25),
        aFinding('hidden', 25, null, { isHidden: true }),
        aFinding('after', 41),
      ]),
    );
    expect(await store.exposures.timeline(at(10), at(40), 3)).toEqual([
      { fromMs: at(10), opened: 1, closed: 1, open: 1 },
      { fromMs: at(20), opened: 1, closed: 0, open: 2 },
      { fromMs: at(30), opened: 0, closed: 1, open: 1 },
    ]);
    expect(() => store.exposures.timeline(at(10), at(10), 3)).toThrow(RangeError);
    expect(() => store.exposures.timeline(at(10), at(20), 0)).toThrow(RangeError);
  });

  test('lists what is undetermined, latest first, each once', async () => {
    const store = await stores.open();
    const entries = [
      anUndetermined('e1', 1, { groupKey: null }),
      anUndetermined('e2', 3),
      anUndetermined('e3', 2),
    ];
    await store.transaction((tx) => tx.putUndetermined(entries));
    await store.transaction((tx) => tx.putUndetermined(entries));
    const ids = async () =>
      (await all((request) => store.undetermined.list(request), 1)).map(({ eventId }) => eventId);
    expect(await ids()).toEqual(['e2', 'e3', 'e1']);
    await store.transaction((tx) =>
      tx.deleteUndeterminedSince([{ groupKey: keyOf('sg-1'), fromMs: at(3) }]),
    );
    expect(await ids()).toEqual(['e3', 'e1']);
  });

  test('adds suppressions and ends them', async () => {
    let now = at(0);
    const store = await openStore(await stores.address(), { clock: () => now });
    const kept = await store.suppressions.add(
      { ruleId: null, query: '@exposures.port:22', reason: 'known', startMs: null, endMs: null },
      alice,
    );
    now = at(5);
    const later = await store.suppressions.add(
      { ruleId: 'r', query: '', reason: 'also known', startMs: at(9), endMs: at(99) },
      alice,
    );
    expect(kept).toMatchObject({ creator: 'alice', createdMs: at(0) });
    expect(await store.suppressions.list()).toEqual([kept, later]);
    now = at(6);
    expect(await store.suppressions.end(kept.id, alice)).toEqual({ ...kept, endMs: at(6) });
    now = at(7);
    expect(await store.suppressions.end(kept.id, alice)).toEqual({ ...kept, endMs: at(6) });
    await expect(store.suppressions.end('x', alice)).rejects.toMatchObject({
      code: 'suppression/unknown-id',
    });
    const wrong = { ruleId: null, query: '@a:(', reason: 'known', startMs: null, endMs: null };
    await expect(store.suppressions.add(wrong, alice)).rejects.toMatchObject({
      code: 'suppression/bad-query',
    });
    expect(await store.suppressions.list()).toEqual([{ ...kept, endMs: at(6) }, later]);
    await store.close();
  });

  test('keeps tokens by their digest', async () => {
    let now = at(0);
    const store = await openStore(await stores.address(), { clock: () => now });
    const asked = { name: 'ci', role: 'viewer', scopes: ['signals'], expiresMs: at(99) } as const;
    const token = await store.tokens.add(asked, 'a'.repeat(64), alice);
    expect(token).toMatchObject({ ...asked, createdBy: 'alice', lastUsedMs: null });
    await expect(store.tokens.add(asked, 'a'.repeat(64), alice)).rejects.toThrow(/unique/i);
    expect(await store.tokens.findByHash('a'.repeat(64))).toEqual(token);
    expect(await store.tokens.findByHash('b'.repeat(64))).toBeNull();

    now = at(10);
    await store.tokens.noteUse(token.id);
    now = at(20);
    await store.tokens.noteUse(token.id);
    expect((await store.tokens.list())[0]?.lastUsedMs).toBe(at(10));
    now = at(71);
    await store.tokens.noteUse(token.id);
    expect((await store.tokens.list())[0]?.lastUsedMs).toBe(at(71));

    expect(await store.tokens.revoke(token.id, alice)).toBe(true);
    expect(await store.tokens.revoke(token.id, alice)).toBe(false);
    expect(await store.tokens.list()).toEqual([
      { ...token, lastUsedMs: at(71), revokedMs: at(71) },
    ]);
    await store.close();
  });

  test('keeps dead letters, each message once', async () => {
    const store = await stores.open();
    const letter = {
      source: 'queue',
      messageId: 'm1',
      body: 'half a \ud800 and \0',
      reason: 'not JSON',
      receivedMs: at(1),
      attempts: 5,
    };
    await store.deadLetters.put(letter);
    await store.deadLetters.put({ ...letter, messageId: 'm2' });
    await store.deadLetters.put({ ...letter, attempts: 6 });
    const letters = await all((request) => store.deadLetters.list(request), 1);
    expect(letters).toMatchObject([{ messageId: 'm2' }, { ...letter, attempts: 6 }]);
    const id = letters[0]?.id ?? 0;
    expect(await store.deadLetters.show(id)).toEqual(letters[0]);
    expect(await store.deadLetters.remove(id, alice)).toBe(true);
    expect(await store.deadLetters.remove(id, alice)).toBe(false);
    expect(await store.deadLetters.show(id)).toBeNull();
  });

  test('notes who did what, from where', async () => {
    const store = await stores.open();
    for (const [index, actor] of ['alice', 'bob', 'alice'].entries()) {
      await store.audit.append({
        actor,
        from: null,
        action: index === 0 ? 'login' : 'logout',
        subject: null,
        details: { index },
      });
    }
    const read = async (filter: { readonly actor?: string; readonly action?: string }) =>
      (await all((request) => store.audit.list({ ...filter, ...request }), 1)).map(
        ({ details }) => details['index'],
      );
    expect(await read({})).toEqual([2, 1, 0]);
    expect(await read({ actor: 'alice' })).toEqual([2, 0]);
    expect(await read({ actor: 'alice', action: 'logout' })).toEqual([2]);
  });

  test('tells channels of a judgment, in the transaction that makes it', async () => {
    const store = await stores.open();
    await store.transaction(async (tx) => {
      await tx.putSignals([aSignal('a', 1)]);
      await tx.putFindings([aFinding('x', 1, null, { signalId: 'a' })]);
    });
    await store.signals.setTriage('a', 'archived', 'meant', alice, () => ['pager']);
    await store.signals.setTriage('a', 'open', 'not meant', alice, () => ['pager']);
    const entries = await store.outbox.claim('pager', { limit: 9, leaseSeconds: 30 });
    expect(entries).toMatchObject([
      { notice: { kind: 'archived', triage: { by: 'alice', reason: 'meant' } } },
    ]);
    expect(entries[0]?.notice.exposures).toHaveLength(1);
  });

  test('shows notices that were refused, and sends them after all', async () => {
    const store = await stores.open();
    const notice = aNotice('n', aSignal('s', 1), 1);
    await store.transaction((tx) => tx.putOutbox([{ notice, channel: 'pager' }]));
    const [entry] = await store.outbox.claim('pager', { limit: 1, leaseSeconds: 30 });
    await store.outbox.markRefused([{ receipt: entry?.receipt ?? '', reason: 'gone' }]);
    const [refused] = await all((request) => store.outbox.listRefused(request));
    expect(refused).toMatchObject({ channel: 'pager', notice, reason: 'gone', attempts: 1 });
    expect(await store.outbox.retryRefused(refused?.id ?? 0, alice)).toBe(true);
    expect(await store.outbox.retryRefused(refused?.id ?? 0, alice)).toBe(false);
    expect(await store.outbox.claim('pager', { limit: 1, leaseSeconds: 30 })).toHaveLength(1);
  });

  test('keeps how far sources came', async () => {
    const store = await stores.open();
    expect(await store.checkpoints.load('trail')).toBeNull();
    await store.checkpoints.save('trail', { key: 'a' });
    expect(await store.checkpoints.load('trail')).toEqual({ key: 'a' });
  });
});
