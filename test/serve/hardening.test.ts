// What the server does with requests that are too many, too large, from elsewhere, or for nothing.

import { describe, expect, test } from 'vitest';
import { PortcullisError } from '../../src/errors/portcullis-error.ts';
import { mostBodyBytes } from '../../src/serve/create-app.ts';
import { openServed } from '../support/served.ts';

test('every answer carries headers that keep browsers from doing more than showing it', async () => {
  const { request } = await openServed();
  for (const path of ['/healthz', '/api/v1/me', '/nothing']) {
    const { headers } = await request('GET', path);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  }
});

test('over HTTPS browsers are told to stay there', async () => {
  const { request } = await openServed({ publicUrl: 'https://portcullis.example.com' });
  const { headers } = await request('GET', '/healthz');
  expect(headers.get('strict-transport-security')).toContain('max-age=');
});

test('nothing is allowed to pages of other sites', async () => {
  const { request } = await openServed();
  const answer = await request('OPTIONS', '/api/v1/signals', {
    headers: {
      origin: 'https://evil.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    },
  });
  expect(answer.status).toBe(405);
  expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual(
    [],
  );
});

test.each([
  '/',
  '/api',
  '/api/v1/signals/',
  '/api/v1/signals/one/nothing',
  '/API/v1/signals',
  '/.env',
])('there is nothing at %s, and the answer says so as any other', async (path) => {
  const { request, tokens } = await openServed();
  const answer = await request('GET', path, { token: tokens.admin });
  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.json()).toMatchObject({
    type: 'urn:portcullis:error:serve/not-found',
    status: 404,
    code: 'serve/not-found',
    requestId: answer.headers.get('x-request-id'),
  });
});

test.each([
  ['DELETE', '/api/v1/signals', 'GET, HEAD'],
  ['GET', '/api/v1/suppressions/x/end', 'POST'],
  ['PATCH', '/api/v1/suppressions', 'GET, HEAD, POST'],
  ['PROPFIND', '/healthz', 'GET, HEAD'],
])('%s is not for %s, and the answer says what is', async (method, path, allow) => {
  const { request, tokens } = await openServed();
  const answer = await request(method, path, { token: tokens.admin });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe(allow);
  expect(await answer.json()).toMatchObject({ code: 'serve/bad-method' });
});

test('HEAD is GET without the body', async () => {
  const { request, tokens } = await openServed();
  const answer = await request('HEAD', '/api/v1/signals', { token: tokens.viewer });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe('');
  expect((await request('HEAD', '/api/v1/signals')).status).toBe(401);
});

test('a request keeps the id that it came with, if that is one', async () => {
  const { request } = await openServed();
  const idOf = async (id: string): Promise<string | null> =>
    (await request('GET', '/healthz', { headers: { 'x-request-id': id } })).headers.get(
      'x-request-id',
    );
  expect(await idOf('trace-1.a_b')).toBe('trace-1.a_b');
  expect(await idOf('"},{"level":"')).toMatch(/^[\da-f-]{36}$/);
  expect(await idOf('x'.repeat(65))).toMatch(/^[\da-f-]{36}$/);
});

test('a body, an address and a declaration that are too much are refused', async () => {
  const { request, tokens } = await openServed();
  const token = tokens.responder;
  const path = '/api/v1/signals/one/notes';
  const large = JSON.stringify({ text: 'x'.repeat(mostBodyBytes) });
  const json = { 'content-type': 'application/json' };
  expect((await request('POST', path, { token, headers: json, body: large })).status).toBe(413);
  expect(
    (await request('GET', `/api/v1/signals?query=${'x'.repeat(9000)}`, { token })).status,
  ).toBe(414);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await request('POST', path, { token, headers: form, body: 'text=x' })).status).toBe(415);
  const end = '/api/v1/suppressions/x/end';
  expect((await request('POST', end, { token, headers: form })).status).toBe(415);
});

test.each(['', '{', 'null', '[]', '"x"', '['.repeat(30_000), '{"text":"a","text":1}', '\u0000'])(
  'the body %j is not as expected',
  async (body) => {
    const { request, tokens } = await openServed();
    const answer = await request('POST', '/api/v1/signals/one/notes', {
      token: tokens.responder,
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'serve/bad-request' });
  },
);

test('texts come back as they were sent, whatever is in them', async () => {
  const { request, tokens } = await openServed();
  for (const text of [
    '\u0000',
    '\ud800',
    '<script>',
    '${x}',
    "'; drop table notes; --",
    '\u202e',
  ]) {
    const answer = await request('POST', '/api/v1/signals/one/notes', {
      token: tokens.responder,
      json: { text },
    });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ text });
  }
});

describe('whoever asks too often waits', () => {
  const rateLimits = { requestsPerMinute: 60, loginsPerMinute: 2 };

  test('with one token, from wherever', async () => {
    const served = await openServed({ rateLimits });
    const me = async (token: string, address: string): Promise<Response> =>
      served.request('GET', '/api/v1/me', { token, address });
    const { viewer, admin } = served.tokens;
    for (let count = 0; count < 60; count += 1) {
      expect((await me(viewer, `203.0.113.${count}`)).status).toBe(200);
    }
    const refused = await me(viewer, '203.0.113.99');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ code: 'serve/too-many-requests' });
    expect((await me(admin, '203.0.113.99')).status).toBe(200);
    served.time.ms += 1000;
    expect((await me(viewer, '203.0.113.99')).status).toBe(200);
    expect((await me(viewer, '203.0.113.99')).status).toBe(429);
  });

  test('from one address, before anybody looks at who it is', async () => {
    const served = await openServed({ rateLimits });
    const ask = (address: string): Promise<Response> =>
      served.request('GET', '/api/v1/me', { address });
    for (let count = 0; count < 240; count += 1)
      expect((await ask('2001:db8::1')).status).toBe(401);
    expect((await ask('2001:db8:0:0:ffff::2')).status).toBe(429);
    expect((await ask('2001:db8:0:1::1')).status).toBe(401);
  });

  test('with tokens that are not good, and nobody else at that address does', async () => {
    const served = await openServed({ rateLimits });
    const token = `pcl_${'z'.repeat(43)}`;
    const ask = async (): Promise<number> =>
      (await served.request('GET', '/api/v1/me', { token })).status;
    expect([await ask(), await ask(), await ask()]).toEqual([401, 401, 429]);
    expect(
      (await served.request('GET', '/api/v1/me', { token: served.tokens.viewer })).status,
    ).toBe(200);
  });
});

describe('a server that asks nobody who they are', () => {
  test('does so on this machine alone, whatever name leads to it', async () => {
    const { request } = await openServed({ access: { open: 'admin' } });
    for (const host of ['http://localhost:8443', 'http://127.0.0.1', 'http://[::1]:1']) {
      expect((await request('GET', `${host}/api/v1/me`)).status).toBe(200);
    }
    expect((await request('GET', 'http://rebound.example/api/v1/me')).status).toBe(401);
    expect((await request('GET', 'http://127.0.0.1.example/api/v1/me')).status).toBe(401);
  });

  test('changes nothing for a page of another site', async () => {
    const { request } = await openServed({ access: { open: 'admin' } });
    const change = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (
        await request('POST', 'http://localhost/api/v1/signals/one/notes', {
          headers,
          json: { text: 'x' },
        })
      ).status;
    expect(await change({})).toBe(201);
    expect(await change({ origin: 'http://localhost' })).toBe(201);
    expect(await change({ origin: 'http://localhost:3000' })).toBe(403);
    expect(await change({ origin: 'null' })).toBe(403);
    expect(await change({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await change({ origin: 'https://evil.example', 'x-portcullis-request': '1' })).toBe(403);
  });

  test('still refuses a token that is not good', async () => {
    const { request } = await openServed({ access: { open: 'admin' } });
    expect((await request('GET', 'http://localhost/api/v1/me', { token: 'x' })).status).toBe(401);
  });
});

describe('an address', () => {
  test('is that of the connection, whatever a header says', async () => {
    const served = await openServed();
    await served.request('PUT', '/api/v1/signals/one/assignee', {
      token: served.tokens.responder,
      json: { assignee: 'x' },
      headers: { 'x-forwarded-for': '198.51.100.1' },
      address: '::ffff:203.0.113.5',
    });
    const [entry] = (await served.store.audit.list({ limit: 1, cursor: null })).items;
    expect(entry?.from).toBe('203.0.113.5');
  });

  test('is the one that a trusted proxy names, and not one that was there before', async () => {
    const served = await openServed({ trustedProxies: ['10.0.0.0/8', '2001:db8::7'] });
    await served.request('PUT', '/api/v1/signals/one/assignee', {
      token: served.tokens.responder,
      json: { assignee: 'x' },
      headers: { 'x-forwarded-for': '192.0.2.66, 198.51.100.1, 10.2.2.2' },
      address: '10.1.1.1',
    });
    const [entry] = (await served.store.audit.list({ limit: 1, cursor: null })).items;
    expect(entry?.from).toBe('198.51.100.1');
  });
});

test('what breaks inside stays inside, and is found in the log by the id of the request', async () => {
  const served = await openServed({
    checks: [],
    sources: [
      {
        name: 'broken',
        kind: 'sqs',
        lagSeconds() {
          throw new Error('password=hunter2 at db.internal');
        },
      },
    ],
  });
  const answer = await served.request('GET', '/api/v1/sources', { token: served.tokens.viewer });
  const text = await answer.text();
  expect(answer.status).toBe(500);
  expect(text).not.toContain('hunter2');
  const requestId = answer.headers.get('x-request-id') ?? 'none';
  expect(
    served.logged.find((line) => line.includes(requestId) && line.includes('hunter2')),
  ).toBeDefined();
});

test('a store that does not answer is said to be away, without its address', async () => {
  const served = await openServed();
  const { store } = served;
  const broken = await openServed({
    access: { tokens: store.tokens },
    desk: {
      ...store,
      audit: {
        ...store.audit,
        list() {
          throw new PortcullisError('store/unavailable', 'no answer from db.internal:5432');
        },
      },
    },
  });
  const answer = await broken.request('GET', '/api/v1/audit', { token: served.tokens.admin });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('5');
  const text = await answer.text();
  expect(JSON.parse(text)).toMatchObject({ code: 'store/unavailable' });
  expect(text).not.toContain('db.internal');
});

test('the log has a line for each request, and no secret', async () => {
  const served = await openServed();
  const token = served.tokens.viewer;
  await served.request('GET', '/api/v1/signals?query=secret-query', {
    token,
    headers: { cookie: 'portcullis-session=sealed-cookie' },
  });
  await served.request('GET', '/auth/callback?code=code-of-login&state=state-of-login');
  const lines = served.logged.join('');
  const line = JSON.parse(served.logged[0] ?? '{}') as object;
  expect(line).toMatchObject({
    level: 'info',
    message: 'request',
    route: '/api/v1/signals',
    status: 200,
    address: '203.0.113.9',
    actor: expect.stringContaining('a viewer') as string,
  });
  for (const secret of [
    token,
    'secret-query',
    'sealed-cookie',
    'code-of-login',
    'state-of-login',
  ]) {
    expect(lines).not.toContain(secret);
  }
});
