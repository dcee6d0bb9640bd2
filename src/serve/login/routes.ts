// How people come and go: to the login provider, back with a session, and out again.

import { createRoute, z } from '@hono/zod-openapi';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import type { AuditLog } from '../../model/desk.ts';
import type { Access } from '../access/authenticate.ts';
import { loginSeconds } from '../access/oidc-login.ts';
import {
  answer,
  changeAnswers,
  commonAnswers,
  guarded,
  guardedAnswers,
  jsonOf,
  notFound,
  principalOf,
  type Api,
  type ApiContext,
} from '../answers/api.ts';
import { Refusal } from '../answers/problem.ts';

export type LoginOptions = {
  readonly login: Access['login'];
  readonly audit: Pick<AuditLog, 'append'>;
  readonly cookies: Cookies;
  /** The server's own origin, as browsers know it. */
  readonly originOf: (c: ApiContext) => string;
};

/** Names and attributes of cookies, which differ with how browsers reach the server. */
export type Cookies = {
  readonly session: string;
  readonly login: string;
  readonly attributes: CookieOptions;
};

/** @param isSecure whether browsers reach the server over HTTPS */
export function cookiesFor(isSecure: boolean): Cookies {
  // The prefix makes browsers take the cookie from this very host over HTTPS alone.
  const prefix = isSecure ? '__Host-' : '';
  return {
    session: `${prefix}portcullis-session`,
    login: `${prefix}portcullis-login`,
    // Lax: whoever follows a link from a chat or a mail is logged in when they arrive.
    attributes: { httpOnly: true, sameSite: 'Lax', secure: isSecure, path: '/' },
  };
}

const backTo = z
  .string()
  .max(1000)
  .optional()
  .openapi({ description: 'A path of this server to go to after the login.', example: '/' });

const elsewhere = {
  description: 'On to the next address.',
  headers: z.object({ location: z.string() }),
} as const;

const loginRoute = createRoute({
  method: 'get',
  path: '/auth/login',
  operationId: 'login',
  tags: ['access'],
  summary: 'Log in with the login provider, in a browser',
  request: { query: z.strictObject({ returnTo: backTo }) },
  responses: { ...commonAnswers, ...notFound, 302: elsewhere },
});

const forbidden = guardedAnswers[403];

const callbackRoute = createRoute({
  method: 'get',
  path: '/auth/callback',
  operationId: 'loginCallback',
  tags: ['access'],
  summary: 'Where the login provider sends the browser back to',
  request: {
    query: z.object({
      code: z.string().max(4000).optional(),
      state: z.string().max(4000).optional(),
    }),
  },
  responses: { ...commonAnswers, ...notFound, 302: elsewhere, 403: forbidden },
});

const logoutRoute = createRoute({
  method: 'post',
  path: '/auth/logout',
  operationId: 'logout',
  tags: ['access'],
  summary: 'End the session, wherever its cookie is',
  security: guarded,
  responses: {
    200: jsonOf(z.object({ loggedOut: z.boolean() }), 'False where there was no session.'),
    ...changeAnswers,
  },
});

export function addLogin(api: Api, { login, audit, cookies, originOf }: LoginOptions): void {
  api.openapi(loginRoute, async (c) => {
    const { oidc } = configured(login);
    const returnTo = ownPath(c.req.valid('query').returnTo);
    const { url, kept } = await oidc.begin(`${originOf(c)}/auth/callback`, returnTo);
    setCookie(c, cookies.login, kept, { ...cookies.attributes, maxAge: loginSeconds });
    return c.redirect(url, 302);
  });
  api.openapi(callbackRoute, async (c) => {
    const { oidc, sessions } = configured(login);
    const kept = getCookie(c, cookies.login) ?? '';
    // Good for one try, whatever comes of it.
    deleteCookie(c, cookies.login, cookies.attributes);
    const { person, returnTo } = await oidc.finish(new URL(c.req.url), kept);
    await audit.append({
      actor: `${person.name} (oidc ${person.subject})`,
      from: c.get('address'),
      action: 'session.begin',
      subject: null,
      details: { role: person.role },
    });
    setCookie(c, cookies.session, sessions.begin(person), {
      ...cookies.attributes,
      maxAge: sessions.lifeSeconds,
    });
    return c.redirect(returnTo, 302);
  });
  api.openapi(logoutRoute, async (c) => {
    const { sessionId, expiresMs, actor } = principalOf(c);
    deleteCookie(c, cookies.session, cookies.attributes);
    if (login === null || sessionId === null || expiresMs === null) {
      return answer(c, 200, { loggedOut: false });
    }
    await login.sessions.end(sessionId, expiresMs);
    await audit.append({
      actor,
      from: c.get('address'),
      action: 'session.end',
      subject: null,
      details: {},
    });
    return answer(c, 200, { loggedOut: true });
  });
}

function configured(login: Access['login']): NonNullable<Access['login']> {
  if (login !== null) return login;
  throw new Refusal('serve/not-found', 'nobody can log in here', {
    hint: 'Use a token; or set up serve.oidc.',
  });
}

/** Only what a browser takes for a path of this very server; anything else is the start page. */
export function ownPath(path: string | undefined): string {
  const isOwn = path !== undefined && /^\/(?![/\\])[\u0021-\u005b\u005d-\u007e]*$/.test(path);
  return isOwn ? path : '/';
}
