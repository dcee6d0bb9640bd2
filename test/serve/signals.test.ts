// Signals through the API: what is listed, what people can change, and that every change is noted.

import { expect, test } from 'vitest';
import { openServed } from '../support/served.ts';

type Listed = {
  items: { signal: { id: string }; triage: { state: string } }[];
  next: string | null;
};

test('signals that are told are listed, latest first, and hidden ones on demand', async () => {
  const { request, tokens } = await openServed();
  const list = async (query: string): Promise<readonly string[]> => {
    const answer = await request('GET', `/api/v1/signals?${query}`, { token: tokens.viewer });
    expect(answer.status).toBe(200);
    return ((await answer.json()) as Listed).items.map(({ signal }) => signal.id);
  };
  expect(await list('')).toEqual(['two', 'one']);
  expect(await list('sort=lastSeen')).toEqual(['one', 'two']);
  expect(await list('sort=-severity')).toEqual(['one', 'two']);
  expect(await list('hidden=true')).toEqual(['three']);
  expect(await list('query=status:open')).toEqual(['one']);
  expect(await list('query=%40exposures.port:22 @groupId:sg-2')).toEqual(['two']);
  expect(await list('from=2026-03-01T08:00:15Z')).toEqual(['two']);
  expect(await list('before=2026-03-01T09:00:15%2B01:00')).toEqual(['one']);
});

test('a list goes on where its page ended', async () => {
  const { request, tokens } = await openServed();
  const token = tokens.viewer;
  const first = (await (
    await request('GET', '/api/v1/signals?limit=1', { token })
  ).json()) as Listed;
  expect(first.items.map(({ signal }) => signal.id)).toEqual(['two']);
  const second = (await (
    await request('GET', `/api/v1/signals?limit=1&cursor=${first.next}`, { token })
  ).json()) as Listed;
  expect(second.items.map(({ signal }) => signal.id)).toEqual(['one']);
});

test.each([
  ['a query that does not parse', 'query=(', 'serve/bad-request'],
  ['a page that is too long', 'limit=201', 'serve/bad-request'],
  ['a page of no length', 'limit=0', 'serve/bad-request'],
  ['an order that there is not', 'sort=title', 'serve/bad-request'],
  ['a time that is none', 'from=yesterday', 'serve/bad-request'],
  ['a cursor of nothing', 'cursor=abc', 'store/bad-cursor'],
  ['a parameter that there is not', 'severity=high', 'serve/bad-request'],
])('%s is refused with what is wrong', async (_, query, code) => {
  const { request, tokens } = await openServed();
  const answer = await request('GET', `/api/v1/signals?${query}`, { token: tokens.viewer });
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.json()).toMatchObject({ code, status: 400 });
});

test('one is shown with its exposures, its notes and how far people are', async () => {
  const { request, tokens } = await openServed();
  const answer = await request('GET', '/api/v1/signals/one', { token: tokens.viewer });
  expect(await answer.json()).toMatchObject({
    signal: { id: 'one', severity: 'high' },
    triage: { state: 'open', reason: null, assignee: null, changedBy: null, changedAt: null },
    exposures: [{ id: 'exposure of one', port: 22 }],
    notes: [],
    suppressedBy: [],
  });
});

test('what people make of it stands there afterwards, and in the audit log', async () => {
  const { request, tokens } = await openServed();
  const token = tokens.responder;
  const triage = await request('PUT', '/api/v1/signals/one/triage', {
    token,
    json: { state: 'under_review', reason: 'looking' },
  });
  expect(triage.status).toBe(200);
  expect(await triage.json()).toMatchObject({ state: 'under_review', reason: 'looking' });
  const assignee = await request('PUT', '/api/v1/signals/one/assignee', {
    token,
    json: { assignee: 'alice@example.com' },
  });
  expect(assignee.status).toBe(200);
  const note = await request('POST', '/api/v1/signals/one/notes', {
    token,
    json: { text: 'a test\nof a group' },
  });
  expect(note.status).toBe(201);
  const shown = await request('GET', '/api/v1/signals/one', { token });
  expect(await shown.json()).toMatchObject({
    triage: { state: 'under_review', assignee: 'alice@example.com' },
    notes: [
      { text: 'a test\nof a group', author: expect.stringContaining('a responder') as string },
    ],
  });
  const audit = await request('GET', '/api/v1/audit?limit=3', { token: tokens.admin });
  const { items } = (await audit.json()) as { items: { action: string }[] };
  for (const entry of items) {
    expect(entry).toMatchObject({
      actor: expect.stringMatching(/^a responder \(token /) as string,
      from: '203.0.113.9',
      subject: 'one',
    });
  }
  expect(new Set(items.map(({ action }) => action)).size).toBe(3);
});

test.each([
  ['PUT', '/api/v1/signals/none/triage', { state: 'open', reason: 'x' }],
  ['PUT', '/api/v1/signals/none/assignee', { assignee: null }],
  ['POST', '/api/v1/signals/none/notes', { text: 'x' }],
  ['GET', '/api/v1/signals/none', undefined],
  ['GET', '/api/v1/signals/none/notes', undefined],
])('%s %s is about no signal', async (method, path, json) => {
  const { request, tokens } = await openServed();
  const answer = await request(method, path, { token: tokens.admin, json });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ code: 'signal/unknown-id' });
});

test.each([
  ['no reason', { state: 'archived' }],
  ['an empty reason', { state: 'archived', reason: ' ' }],
  ['another state', { state: 'solved', reason: 'x' }],
  ['more than is asked', { state: 'archived', reason: 'x', by: 'me' }],
  ['no object', 'archived'],
])('a change of triage with %s is refused', async (_, json) => {
  const { request, tokens } = await openServed();
  const answer = await request('PUT', '/api/v1/signals/one/triage', {
    token: tokens.responder,
    json,
  });
  expect(answer.status).toBe(400);
});

test('no text of a record does anything to a terminal that shows the answer', async () => {
  const { request, tokens } = await openServed();
  const text = await (await request('GET', '/api/v1/signals/two', { token: tokens.viewer })).text();
  expect(text).toContain(String.raw`a <b>group</b>\u202e`);
  expect(text).not.toContain('\u202e');
  expect(text).not.toMatch(/\p{Cc}/u);
});
