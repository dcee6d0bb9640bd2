// What there is beside signals: exposures, rules, suppressions, and what those who run the server look at.

import { expect, test } from 'vitest';
import { alertRule, openServed, type RequestMore, type Served } from '../support/served.ts';

async function get(served: Served, path: string, more: RequestMore = {}): Promise<unknown> {
  const answer = await served.request('GET', path, { token: served.tokens.admin, ...more });
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.json();
}

test('exposures that are told are listed, latest opening first, and filtered', async () => {
  const served = await openServed();
  const ids = async (query: string): Promise<readonly string[]> => {
    const page = (await get(served, `/api/v1/exposures?${query}`)) as {
      items: { exposure: { id: string } }[];
    };
    return page.items.map(({ exposure }) => exposure.id);
  };
  expect(await ids('')).toEqual(['exposure of two', 'exposure of one']);
  expect(await ids('status=open')).toEqual(['exposure of one']);
  expect(await ids('status=closed')).toEqual(['exposure of two']);
  expect(await ids(`ruleId=${alertRule}&limit=1`)).toEqual(['exposure of two']);
  expect(await ids('ruleId=none')).toEqual([]);
  expect(await ids('before=2026-03-01T08:00:20Z')).toEqual(['exposure of one']);
});

test('a hidden exposure is shown to whoever knows it', async () => {
  const served = await openServed();
  expect(await get(served, '/api/v1/exposures/exposure%20of%20three')).toMatchObject({
    exposure: { id: 'exposure of three' },
    signalId: 'three',
    isHidden: true,
  });
});

test('the timeline counts what was opened, closed and open in each stretch', async () => {
  const served = await openServed();
  const query = 'from=2026-03-01T08:00:00Z&to=2026-03-01T08:01:30Z&buckets=3';
  expect(await get(served, `/api/v1/exposures/timeline?${query}`)).toEqual({
    buckets: [
      { from: '2026-03-01T08:00:00.000Z', opened: 2, closed: 0, open: 2 },
      { from: '2026-03-01T08:00:30.000Z', opened: 0, closed: 0, open: 2 },
      { from: '2026-03-01T08:01:00.000Z', opened: 0, closed: 1, open: 1 },
    ],
  });
});

test.each([
  'from=2026-03-01T08:00:00Z&to=2026-03-01T08:00:00Z',
  'from=2026-03-02T08:00:00Z&to=2026-03-01T08:00:00Z',
  'from=2026-03-01T08:00:00Z&to=2026-03-01T08:00:10Z&buckets=1001',
  'from=2026-03-01T08:00:00Z',
])('no timeline is made of %s', async (query) => {
  const served = await openServed();
  const answer = await served.request('GET', `/api/v1/exposures/timeline?${query}`, {
    token: served.tokens.viewer,
  });
  expect(answer.status).toBe(400);
});

test('rules are listed by id and shown whole, with the reason where one is not run', async () => {
  const served = await openServed({ notRun: [{ ruleId: alertRule, reason: 'a test' }] });
  const { items } = (await get(served, '/api/v1/rules')) as { items: { id: string }[] };
  expect(items.map(({ id }) => id)).toEqual(served.options.rules.map(({ id }) => id).toSorted());
  expect(items.find(({ id }) => id === alertRule)).toMatchObject({ notRun: 'a test' });
  const rule = served.options.rules.find(({ id }) => id === alertRule);
  expect(await get(served, `/api/v1/rules/${alertRule}`)).toMatchObject({
    id: alertRule,
    kind: 'exposure',
    goal: rule?.goal,
    message: rule?.message,
    triage: rule?.triage,
    changelog: rule?.changelog,
    definition: { exposure: { protocols: ['tcp'] } },
  });
  const none = await served.request('GET', '/api/v1/rules/none', { token: served.tokens.viewer });
  expect(none.status).toBe(404);
  expect(await none.json()).toMatchObject({ code: 'rule/unknown-id' });
});

test('a suppression is added, told of, and ended, and stays in the list', async () => {
  let changes = 0;
  const served = await openServed({ onSuppressionsChange: () => (changes += 1) });
  const token = served.tokens.responder;
  const live = served.options.feed.subscribe(null);
  served.time.ms += 1000;
  const added = await served.request('POST', '/api/v1/suppressions', {
    token,
    json: {
      ruleId: alertRule,
      query: '@groupId:sg-1',
      reason: 'a honeypot',
      endAt: '2027-01-01T01:00:00+01:00',
    },
  });
  expect(added.status).toBe(201);
  const kept = (await added.json()) as { id: string };
  expect(kept).toMatchObject({
    ruleId: alertRule,
    startAt: null,
    endAt: '2027-01-01T00:00:00.000Z',
    creator: expect.stringMatching(/^a responder \(token /) as string,
  });
  served.time.ms += 5000;
  const ended = await served.request('POST', `/api/v1/suppressions/${kept.id}/end`, { token });
  expect(await ended.json()).toMatchObject({ endAt: new Date(served.time.ms).toISOString() });
  const { items } = (await get(served, '/api/v1/suppressions')) as { items: { id: string }[] };
  expect(items.at(-1)).toMatchObject({ id: kept.id });
  expect(changes).toBe(2);
  expect((await live.next(0))?.map(({ data }) => data['change'])).toEqual(['added', 'ended']);
});

test.each([
  ['a query that does not parse', { query: '(', reason: 'x' }, 'suppression/bad-query'],
  ['a rule that there is not', { ruleId: 'none', query: '*', reason: 'x' }, 'serve/bad-request'],
  ['no reason', { query: '*' }, 'serve/bad-request'],
  [
    'an end before its start',
    { query: '*', reason: 'x', startAt: '2026-03-02T00:00:00Z', endAt: '2026-03-01T00:00:00Z' },
    'serve/bad-request',
  ],
])('a suppression with %s is refused', async (_, json, code) => {
  const served = await openServed();
  const before = await served.store.suppressions.list();
  const token = served.tokens.responder;
  const answer = await served.request('POST', '/api/v1/suppressions', { token, json });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code });
  expect(await served.store.suppressions.list()).toEqual(before);
});

test('what cannot be told, where records come from, and who one is', async () => {
  const served = await openServed();
  expect(await get(served, '/api/v1/undetermined')).toMatchObject({
    items: [{ eventId: 'unclear', reason: 'the row is not known' }],
    next: null,
  });
  expect(await get(served, '/api/v1/sources')).toEqual({
    items: [{ name: 'queue', kind: 'sqs', lagSeconds: 3 }],
  });
  expect(await get(served, '/api/v1/me')).toEqual({
    kind: 'token',
    name: 'a admin',
    role: 'admin',
    scopes: [],
    expiresAt: null,
  });
});

test('a notice that was refused is shown, and waits again when somebody says so', async () => {
  const served = await openServed();
  const { items } = (await get(served, '/api/v1/notices/refused')) as { items: { id: number }[] };
  expect(items).toMatchObject([
    { channel: 'chat', kind: 'opened', reason: 'no such hook', signal: { id: 'one' } },
  ]);
  const retry = (): Promise<Response> =>
    served.request('POST', `/api/v1/notices/refused/${items[0]?.id}/retry`, {
      token: served.tokens.responder,
    });
  expect(await (await retry()).json()).toEqual({ waiting: true });
  expect(await get(served, '/api/v1/notices/refused')).toEqual({ items: [], next: null });
  expect((await retry()).status).toBe(404);
  expect((await served.store.outbox.depth())[0]).toMatchObject({ waiting: 1, refused: 0 });
});

test('a message that could not be read is listed without what it holds, shown, and forgotten', async () => {
  const served = await openServed();
  const { items } = (await get(served, '/api/v1/dead-letters')) as { items: { id: number }[] };
  expect(items).toMatchObject([{ source: 'queue', messageId: 'message-1', attempts: 5 }]);
  expect(items[0]).not.toHaveProperty('body');
  const path = `/api/v1/dead-letters/${items[0]?.id}`;
  expect(await get(served, path)).toMatchObject({ body: '<script>alert(1)</script>' });
  const remove = (): Promise<Response> =>
    served.request('DELETE', path, { token: served.tokens.admin });
  expect(await (await remove()).json()).toEqual({ removed: true });
  expect((await remove()).status).toBe(404);
});

test('the audit log is filtered by who and what, and goes on page by page', async () => {
  const served = await openServed();
  for (const text of ['one', 'two', 'three']) {
    await served.request('POST', '/api/v1/signals/one/notes', {
      token: served.tokens.responder,
      json: { text },
    });
  }
  const query = 'action=signal.note&limit=2';
  const first = (await get(served, `/api/v1/audit?${query}`)) as {
    items: { actor: string }[];
    next: string;
  };
  expect(first.items).toHaveLength(2);
  const second = (await get(served, `/api/v1/audit?${query}&cursor=${first.next}`)) as {
    items: object[];
    next: null;
  };
  expect(second.items).toHaveLength(1);
  const actor = encodeURIComponent(first.items[0]?.actor ?? '');
  expect(await get(served, `/api/v1/audit?actor=${actor}&limit=10`)).toMatchObject({
    items: [{}, {}, {}],
  });
});

test('triage is told to the channels that want to know', async () => {
  let woken = 0;
  const served = await openServed({
    channelsFor: (notice) => (notice.kind === 'archived' ? ['pager'] : []),
    onTriage: () => (woken += 1),
  });
  await served.request('PUT', '/api/v1/signals/one/triage', {
    token: served.tokens.responder,
    json: { state: 'archived', reason: 'a test' },
  });
  const [claimed] = await served.store.outbox.claim('pager', { limit: 1, leaseSeconds: 10 });
  expect(claimed?.notice).toMatchObject({ kind: 'archived', triage: { reason: 'a test' } });
  expect(woken).toBe(1);
});

test('a server without its store lives, is not ready, and still counts', async () => {
  const away = (): Promise<never> => Promise.reject(new Error('away'));
  const served = await openServed({
    checks: [
      { name: 'store', check: away },
      { name: 'rules', check: async () => null },
    ],
  });
  expect(await get(served, '/healthz')).toEqual({ alive: true });
  const ready = await served.request('GET', '/readyz');
  expect(ready.status).toBe(503);
  expect(await ready.json()).toEqual({
    ready: false,
    checks: [
      { name: 'store', ok: false },
      { name: 'rules', ok: true },
    ],
  });
  const { options, store, tokens } = served;
  const without = await openServed({
    access: { tokens: store.tokens },
    desk: { ...options.desk, outbox: { ...store.outbox, depth: away } },
  });
  const metrics = await without.request('GET', '/metrics', { token: tokens.viewer });
  expect(metrics.status).toBe(200);
  expect(await metrics.text()).toContain('portcullis_source_lag_seconds{source="queue"} 3\n');
});
