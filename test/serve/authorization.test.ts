// Who may do what: every route with every role, with no token, and with tokens that are no longer good.
// The cases are made from the table of routes, so a route that is added is tried at once.

import { describe, expect, test } from 'vitest';
import { roles, type Role } from '../../src/model/desk.ts';
import { includesRole } from '../../src/serve/access/principal.ts';
import { routeAccess, scopes, type RouteAccess } from '../../src/serve/access/route-access.ts';
import { contractOf } from '../../src/serve/create-app.ts';
import { openServed, type Served } from '../support/served.ts';

/** Something that the route does for whoever may ask it; what it changes is there. */
function call(served: Served, route: RouteAccess, token?: string, extra = {}): Promise<Response> {
  const path = route.path.replace('{id}', /dead-letters|notices/.test(route.path) ? '1' : 'one');
  const query = route.path.endsWith('/timeline')
    ? '?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z'
    : '';
  const json = bodies[`${route.method} ${route.path}`];
  return served.request(route.method, `${path}${query}`, {
    ...(token === undefined ? {} : { token }),
    ...(json === undefined ? {} : { json }),
    ...extra,
  });
}

const bodies: Readonly<Record<string, unknown>> = {
  'PUT /api/v1/signals/{id}/triage': { state: 'archived', reason: 'a test' },
  'PUT /api/v1/signals/{id}/assignee': { assignee: null },
  'POST /api/v1/signals/{id}/notes': { text: 'a note' },
  'POST /api/v1/suppressions': { query: '@groupId:sg-1', reason: 'a test' },
};

const guardedRoutes = routeAccess.filter(({ needs }) => needs !== 'nobody');
const named = guardedRoutes.map((route) => ({ name: `${route.method} ${route.path}`, route }));
const refusedOf = { 401: 'serve/unauthenticated', 403: 'serve/forbidden' } as const;

async function expectRefusal(answer: Response, status: 401 | 403): Promise<void> {
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ code: refusedOf[status] });
}

async function auditSize(served: Served): Promise<number> {
  return (await served.store.audit.list({ limit: 1000, cursor: null })).items.length;
}

describe.each(named)('$name', ({ route }) => {
  test.each(roles)('answers the role %s as the table says', async (role: Role) => {
    const served = await openServed();
    const answer = await call(served, route, served.tokens[role]);
    await answer.body?.cancel();
    const isAllowed = route.needs !== 'nobody' && includesRole(role, route.needs);
    if (isAllowed) expect([200, 201, 404]).toContain(answer.status);
    else expect(answer.status).toBe(403);
  });

  test('is for nobody without a good token, and changes nothing for them', async () => {
    const served = await openServed();
    const expired = await served.addToken('admin', { expiresMs: served.time.ms });
    const revoked = await served.addToken('admin');
    await served.store.tokens.revoke(revoked.id, { actor: 'test', from: null });
    const before = await auditSize(served);
    await expectRefusal(await call(served, route), 401);
    await expectRefusal(await call(served, route, expired.token), 401);
    await expectRefusal(await call(served, route, revoked.token), 401);
    await expectRefusal(await call(served, route, `pcl_${'x'.repeat(43)}`), 401);
    await expectRefusal(await call(served, route, 'x'), 401);
    await expectRefusal(
      await call(served, route, undefined, { headers: { authorization: 'Basic YTpi' } }),
      401,
    );
    expect(await auditSize(served)).toBe(before);
  });

  test('is for a token with its scope, and for no other', async () => {
    const served = await openServed();
    const scope = route.needs === 'nobody' ? null : route.scope;
    const without = scopes.filter((each) => each !== scope);
    const others = await served.addToken('admin', { scopes: without });
    const answer = await call(served, route, others.token);
    await answer.body?.cancel();
    if (scope === null) expect(answer.status).toBe(200);
    else expect(answer.status).toBe(403);
    const own = await served.addToken('admin', { scopes: scope === null ? without : [scope] });
    const second = await call(served, route, own.token);
    await second.body?.cancel();
    expect([200, 201, 404]).toContain(second.status);
  });
});

test('what is refused says nothing about why a token is not good', async () => {
  const served = await openServed();
  const expired = await served.addToken('viewer', { expiresMs: 1 });
  const bodiesOf = await Promise.all(
    [expired.token, `pcl_${'y'.repeat(43)}`, 'nonsense'].map(async (token) => {
      const headers = { 'x-request-id': 'same' };
      const answer = await served.request('GET', '/api/v1/me', { token, headers });
      return [await answer.text(), [...answer.headers]];
    }),
  );
  expect(bodiesOf[1]).toEqual(bodiesOf[0]);
  expect(bodiesOf[2]).toEqual(bodiesOf[0]);
});

test('a token stops being good at the very moment at which it expires', async () => {
  const served = await openServed();
  const { token } = await served.addToken('viewer', { expiresMs: served.time.ms + 1000 });
  served.time.ms += 999;
  expect((await served.request('GET', '/api/v1/me', { token })).status).toBe(200);
  served.time.ms += 1;
  expect((await served.request('GET', '/api/v1/me', { token })).status).toBe(401);
});

test('every route that is served stands in the table, and every route of the table is served', async () => {
  const served = await openServed();
  const document = contractOf(served.app, '1');
  const inContract = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const inTable = routeAccess.map(({ method, path }) => `${method} ${path}`);
  expect(inContract.toSorted()).toEqual(inTable.toSorted());
});

test('the contract says of each route whether it needs somebody', async () => {
  const served = await openServed();
  const { paths = {} } = contractOf(served.app, '1');
  for (const { method, path, needs } of routeAccess) {
    const operations = paths[path] as Record<string, { security?: unknown; responses: object }>;
    const operation = operations[method.toLowerCase()];
    const isGuarded = needs !== 'nobody';
    expect([path, operation?.security !== undefined]).toEqual([path, isGuarded]);
    expect([path, Object.hasOwn(operation?.responses ?? {}, 401)]).toEqual([path, isGuarded]);
  }
});
