// People who log in: against a real provider, with everything that can go wrong on the way, and what a
// session is good for.

import { onTestFinished, describe, expect, test } from 'vitest';
import { createOidcLogin, type OidcSettings } from '../../src/serve/access/oidc-login.ts';
import { createSessions, storedSessions } from '../../src/serve/access/sessions.ts';
import { cookiesFor } from '../../src/serve/login/routes.ts';
import { openStore } from '../../src/store/open-store.ts';
import { logInAt, startLoginProvider } from '../support/login-provider.ts';
import { openServed, type Served } from '../support/served.ts';

const origin = 'http://portcullis.test';
const groups = { alice: ['staff', 'security'], bob: ['staff'], eve: ['guests'] };

type Setting = { readonly claimsInToken?: boolean; readonly change?: Partial<OidcSettings> };

async function openWithLogin({ claimsInToken = true, change = {} }: Setting = {}): Promise<Served> {
  const provider = await startLoginProvider({
    callback: `${origin}/auth/callback`,
    groups,
    claimsInToken,
  });
  onTestFinished(() => provider.stop());
  const key = Buffer.alloc(32, 7);
  // The provider signs with the time of day.
  const clock = (): number => Date.now();
  const sessionStore = await openStore(':memory:', { clock });
  onTestFinished(() => sessionStore.close());
  const settings: OidcSettings = {
    issuer: provider.issuer,
    clientId: provider.clientId,
    clientSecret: provider.clientSecret,
    scopes: ['openid', 'profile', 'email'],
    roleClaim: 'groups',
    roles: { admin: ['security'], responder: ['on-call'], viewer: ['staff'] },
    ...change,
  };
  const sessions = await createSessions(storedSessions(sessionStore, clock), clock, 3600);
  return openServed({
    clock,
    publicUrl: origin,
    access: { login: { oidc: createOidcLogin(settings, key, clock), sessions } },
  });
}

function cookiesOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.replace(/;.*$/, ''))
    .filter((cookie) => !cookie.endsWith('='))
    .join('; ');
}

/** Begins a login, and comes back as somebody: the answer to coming back. */
async function logIn(served: Served, person: string, returnTo = '/'): Promise<Response> {
  const begun = await served.request('GET', `/auth/login?returnTo=${encodeURIComponent(returnTo)}`);
  expect(begun.status).toBe(302);
  const back = await logInAt(begun.headers.get('location') ?? '', person);
  return served.request('GET', `${back.pathname}${back.search}`, {
    headers: { cookie: cookiesOf(begun) },
  });
}

describe.each([
  ['in the token', true],
  ['fetched', false],
])('with claims %s', (_, claimsInToken) => {
  test('who logs in has the highest role that their groups give, and is in the audit log', async () => {
    const served = await openWithLogin({ claimsInToken });
    for (const [person, role] of [
      ['alice', 'admin'],
      ['bob', 'viewer'],
    ] as const) {
      const back = await logIn(served, person, '/signals?open=1');
      expect([back.status, back.headers.get('location')]).toEqual([302, '/signals?open=1']);
      const me = await served.request('GET', '/api/v1/me', {
        headers: { cookie: cookiesOf(back) },
      });
      expect(await me.json()).toMatchObject({
        kind: 'person',
        name: `${person}@example.com`,
        role,
      });
    }
    const { items } = await served.store.audit.list({ limit: 2, cursor: null });
    expect(items.map(({ actor, action, from }) => ({ actor, action, from }))).toEqual([
      { actor: 'bob@example.com (oidc bob)', action: 'session.begin', from: '203.0.113.9' },
      { actor: 'alice@example.com (oidc alice)', action: 'session.begin', from: '203.0.113.9' },
    ]);
  });

  test('who has no role gets no session', async () => {
    const served = await openWithLogin({ claimsInToken });
    const back = await logIn(served, 'eve');
    expect(back.status).toBe(403);
    expect(await back.json()).toMatchObject({ code: 'serve/no-role' });
    expect(cookiesOf(back)).toBe('');
  });
});

test('the provider is asked with PKCE, a state and a nonce, new for each login', async () => {
  const served = await openWithLogin();
  const begin = async (): Promise<URLSearchParams> => {
    const answer = await served.request('GET', '/auth/login');
    return new URL(answer.headers.get('location') ?? '').searchParams;
  };
  const [one, two] = [await begin(), await begin()];
  expect(one.get('response_type')).toBe('code');
  expect(one.get('code_challenge_method')).toBe('S256');
  expect(one.get('redirect_uri')).toBe(`${origin}/auth/callback`);
  for (const name of ['code_challenge', 'state', 'nonce']) {
    expect(one.get(name)?.length).toBeGreaterThan(30);
    expect(two.get(name)).not.toBe(one.get(name));
  }
});

test('cookies are for the server alone, and for no script', async () => {
  const served = await openWithLogin();
  const back = await logIn(served, 'alice');
  const cookie = back.headers.getSetCookie().find((each) => each.includes('session='));
  expect(cookie).toMatch(/HttpOnly/i);
  expect(cookie).toMatch(/SameSite=Lax/i);
  expect(cookie).toMatch(/Path=\//i);
  expect(cookiesFor(true)).toMatchObject({
    session: '__Host-portcullis-session',
    attributes: { secure: true, httpOnly: true, path: '/' },
  });
});

describe('a login is not completed', () => {
  test('in another browser than the one that began it', async () => {
    const served = await openWithLogin();
    const begun = await served.request('GET', '/auth/login');
    const back = await logInAt(begun.headers.get('location') ?? '', 'alice');
    const path = `${back.pathname}${back.search}`;
    const other = await served.request('GET', '/auth/login');
    for (const cookie of ['', cookiesOf(other), 'portcullis-login=forged']) {
      const answer = await served.request('GET', path, { headers: { cookie } });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ code: 'serve/login-failed' });
      expect(cookiesOf(answer)).toBe('');
      expect(answer.headers.getSetCookie().join()).toMatch(/portcullis-login=;/);
    }
  });

  test('twice with one code', async () => {
    const served = await openWithLogin();
    const begun = await served.request('GET', '/auth/login');
    const back = await logInAt(begun.headers.get('location') ?? '', 'alice');
    const path = `${back.pathname}${back.search}`;
    const headers = { cookie: cookiesOf(begun) };
    expect((await served.request('GET', path, { headers })).status).toBe(302);
    const second = await served.request('GET', path, { headers });
    expect(second.status).toBe(400);
    expect(await second.json()).toMatchObject({ code: 'serve/login-failed' });
  });

  test('where the provider says that it was given up', async () => {
    const served = await openWithLogin();
    const begun = await served.request('GET', '/auth/login');
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state') ?? '';
    const answer = await served.request(
      'GET',
      `/auth/callback?error=access_denied&state=${state}`,
      { headers: { cookie: cookiesOf(begun) } },
    );
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'serve/login-failed' });
  });

  test('with a client secret that is not the right one', async () => {
    const served = await openWithLogin({ change: { clientSecret: 'another' } });
    const answer = await logIn(served, 'alice');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'serve/login-failed' });
  });
});

test('a provider that does not answer keeps people from logging in, and nothing else', async () => {
  const served = await openWithLogin({ change: { issuer: 'http://127.0.0.1:1' } });
  const answer = await served.request('GET', '/auth/login');
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ code: 'serve/login-unavailable' });
  const me = await served.request('GET', '/api/v1/me', { token: served.tokens.viewer });
  expect(me.status).toBe(200);
});

test('where logging in is not set up, the answer says so', async () => {
  const served = await openServed();
  for (const path of ['/auth/login', '/auth/callback?code=x&state=y']) {
    const answer = await served.request('GET', path);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'serve/not-found' });
  }
});

test.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '\\/evil.example',
  '/\t/evil.example',
  'javascript:alert(1)',
  'evil',
  '/a\r\nset-cookie: x=y',
])('after a login nobody is sent to %j', async (returnTo) => {
  const served = await openWithLogin();
  const back = await logIn(served, 'alice', returnTo);
  expect(back.headers.get('location')).toBe('/');
});

describe('a session', () => {
  test('changes things for pages of the server alone', async () => {
    const served = await openWithLogin();
    const cookie = cookiesOf(await logIn(served, 'alice'));
    const change = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (
        await served.request('POST', '/api/v1/signals/one/notes', {
          headers: { cookie, ...headers },
          json: { text: 'x' },
        })
      ).status;
    expect(await change({})).toBe(403);
    expect(await change({ origin: 'https://evil.example' })).toBe(403);
    expect(await change({ origin: 'null' })).toBe(403);
    expect(await change({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await change({ 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await change({ origin })).toBe(201);
    expect(await change({ 'sec-fetch-site': 'same-origin' })).toBe(201);
    expect(await change({ 'x-portcullis-request': '1' })).toBe(201);
  });

  test('ends for every copy of its cookie when it is ended', async () => {
    const served = await openWithLogin();
    const cookie = cookiesOf(await logIn(served, 'alice'));
    const other = cookiesOf(await logIn(served, 'alice'));
    const out = await served.request('POST', '/auth/logout', {
      headers: { cookie, origin },
    });
    expect(await out.json()).toEqual({ loggedOut: true });
    expect(out.headers.getSetCookie().join()).toMatch(/portcullis-session=;/);
    const again = await served.request('GET', '/api/v1/me', { headers: { cookie } });
    expect(again.status).toBe(401);
    const still = await served.request('GET', '/api/v1/me', { headers: { cookie: other } });
    expect(still.status).toBe(200);
  });

  test('is nothing once a character of it is changed', async () => {
    const served = await openWithLogin();
    const cookie = cookiesOf(await logIn(served, 'alice'));
    const at = cookie.indexOf('=') + 30;
    const changed = `${cookie.slice(0, at)}${cookie[at] === 'A' ? 'B' : 'A'}${cookie.slice(at + 1)}`;
    const answer = await served.request('GET', '/api/v1/me', { headers: { cookie: changed } });
    expect(answer.status).toBe(401);
  });
});
