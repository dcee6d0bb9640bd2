// The HTTP API as one function of a request. What every request goes through stands here in its order:
// what is cheap to refuse is refused first, and nothing is looked up for somebody who is not known.

import { createRoute, z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { getCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Desk, OutboxDesk } from '../model/desk.ts';
import type { Rule } from '../model/rule.ts';
import type { NotRun } from '../model/scan-result.ts';
import type { Notice } from '../model/stored.ts';
import type { Clock, Outbox } from '../ports.ts';
import { createAuthenticate, type Access, type Authenticate } from './access/authenticate.ts';
import { createAddressOf, rateKeyOf } from './access/client-address.ts';
import { mayCall } from './access/principal.ts';
import { createRateLimit } from './access/rate-limit.ts';
import { findRoute } from './access/route-access.ts';
import { isFromOwnPage, ownHeader, type RequestOrigin } from './access/same-origin.ts';
import {
  answer,
  commonAnswers,
  createApi,
  jsonOf,
  type Api,
  type ApiContext,
} from './answers/api.ts';
import { problemAnswer, problemOf, Refusal, unforeseen } from './answers/problem.ts';
import { addAudit } from './audit/routes.ts';
import { addDeadLetters } from './dead-letters/routes.ts';
import type { EventFeed } from './events/event-feed.ts';
import { addEvents, streamLimits, type StreamLimits } from './events/routes.ts';
import { addExposures } from './exposures/routes.ts';
import { addLogin, cookiesFor } from './login/routes.ts';
import { addNotices } from './notices/routes.ts';
import type { Metrics } from './operations/metrics.ts';
import { addOperations, type ReadyCheck } from './operations/routes.ts';
import { addRules } from './rules/routes.ts';
import { addSignals } from './signals/routes.ts';
import { addSources, type ServedSource } from './sources/routes.ts';
import { addSuppressions } from './suppressions/routes.ts';
import { addUndetermined } from './undetermined/routes.ts';

export type AppOptions = {
  readonly desk: Pick<
    Desk,
    'signals' | 'exposures' | 'undetermined' | 'suppressions' | 'deadLetters' | 'audit'
  > & { readonly outbox: OutboxDesk & Pick<Outbox, 'depth'> };
  readonly rules: readonly Rule[];
  readonly notRun?: readonly NotRun[];
  readonly sources: readonly ServedSource[];
  readonly access: Access;
  readonly feed: EventFeed;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: Clock;
  /** Shown in `openapi.json`. */
  readonly version: string;
  /** What `/readyz` asks. */
  readonly checks: readonly ReadyCheck[];
  /** How browsers address the server, where that differs from what requests say. */
  readonly publicUrl?: string;
  /** Proxies whose word on whom they speak for counts: addresses, or blocks. */
  readonly trustedProxies?: readonly string[];
  readonly rateLimits?: RateLimits;
  readonly streams?: StreamLimits;
  /** The channels on which a notice of triage is told, by name; none without it. */
  readonly channelsFor?: (notice: Notice) => readonly string[];
  /** A signal was triaged: notices of that may wait to be sent. */
  readonly onTriage?: () => void;
  /** Suppressions were added or ended. */
  readonly onSuppressionsChange?: () => void;
};

export type RateLimits = {
  /** Of one caller; an address, behind which may be several, has four times as much. */
  readonly requestsPerMinute: number;
  /** From one address; also bad tokens. */
  readonly loginsPerMinute: number;
};

const defaultRateLimits: RateLimits = { requestsPerMinute: 600, loginsPerMinute: 10 };
const callersPerAddress = 4;
const mostUrlCharacters = 8192;
export const mostBodyBytes = 65_536;

export function createApp(options: AppOptions): Api {
  const { clock, metrics, log, publicUrl, access } = options;
  const limits = options.rateLimits ?? defaultRateLimits;
  const isSecure = publicUrl?.startsWith('https:') ?? false;
  const cookies = cookiesFor(isSecure);
  const authenticate = createAuthenticate(access, clock, (error) =>
    log.warn({ err: error }, 'the use of a token was not noted'),
  );
  const addressOf = createAddressOf(options.trustedProxies);
  const ofAddress = createRateLimit(limits.requestsPerMinute * callersPerAddress, clock);
  const ofCaller = createRateLimit(limits.requestsPerMinute, clock);
  const ofLogins = createRateLimit(limits.loginsPerMinute, clock);
  const originOf = (c: ApiContext): string => new URL(publicUrl ?? c.req.url).origin;
  const shownBy = (c: ApiContext): Parameters<Authenticate>[0] => ({
    authorization: c.req.header('authorization'),
    session: getCookie(c, cookies.session),
    host: new URL(c.req.url).hostname,
  });

  const api = createApi();

  api.use(async (c, next) => {
    const startMs = performance.now();
    const sent = c.req.header('x-request-id') ?? '';
    const requestId = /^[\w.-]{1,64}$/.test(sent) ? sent : randomUUID();
    c.set('requestId', requestId);
    c.set('log', log.child({ requestId }));
    c.set('principal', null);
    c.set(
      'address',
      addressOf(c.env?.incoming?.socket.remoteAddress, c.req.header('x-forwarded-for')),
    );
    await next();
    c.header('x-request-id', requestId);
    const seconds = (performance.now() - startMs) / 1000;
    const found = findRoute(c.req.method, c.req.path);
    const route = found.kind === 'route' ? found.access.path : 'none';
    const method = found.kind === 'route' ? found.access.method : 'other';
    metrics.request({ method, route, status: c.res.status, seconds });
    c.get('log').info(
      {
        method: c.req.method,
        path: c.req.path.slice(0, 500),
        route,
        status: c.res.status,
        seconds: Number(seconds.toFixed(4)),
        address: c.get('address'),
        actor: c.get('principal')?.actor ?? null,
      },
      'request',
    );
  });

  api.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
      },
      referrerPolicy: 'no-referrer',
      xFrameOptions: 'DENY',
      strictTransportSecurity: isSecure ? 'max-age=31536000; includeSubDomains' : false,
    }),
  );

  api.use(async (c, next) => {
    if (c.req.url.length > mostUrlCharacters) {
      throw new Refusal('serve/too-large', 'the address is too long', { status: 414 });
    }
    taken(ofAddress.take(rateKeyOf(c.get('address'))));
    const found = findRoute(c.req.method, c.req.path);
    switch (found.kind) {
      case 'no-path':
        throw new Refusal('serve/not-found', 'there is nothing at this address');
      case 'no-method':
        throw new Refusal('serve/bad-method', `${c.req.method} is not for this address`, {
          allow: found.allow,
        });
      case 'route':
        c.set('access', found.access);
        break;
      default:
        found satisfies never;
    }
    c.header('cache-control', 'no-store');
    if (c.req.path.startsWith('/auth/') && found.access.needs === 'nobody') {
      taken(ofLogins.take(rateKeyOf(c.get('address'))));
    }
    await next();
  });

  api.use(async (c, next) => {
    const route = c.get('access');
    if (route.needs !== 'nobody') {
      const outcome = await authenticate(shownBy(c));
      if (outcome.kind !== 'known') {
        if (outcome.kind === 'refused') taken(ofLogins.take(rateKeyOf(c.get('address'))));
        throw new Refusal('serve/unauthenticated', 'show a token, or log in');
      }
      const { principal } = outcome;
      c.set('principal', principal);
      taken(ofCaller.take(principal.id));
      if (route.method !== 'GET' && !isOwnWish(c, principal.kind, originOf(c))) {
        throw new Refusal('serve/cross-site', 'the change was not asked for by a page of our own');
      }
      if (!mayCall(principal, route)) {
        throw new Refusal('serve/forbidden', 'your role, or the token, does not include this');
      }
    }
    if (route.method !== 'GET') {
      const type = c.req.header('content-type');
      if (type !== undefined && !/^application\/json\s*(?:;|$)/i.test(type)) {
        throw new Refusal('serve/not-json', 'the body is not declared to be JSON');
      }
    }
    await next();
  });

  api.use(
    bodyLimit({
      maxSize: mostBodyBytes,
      onError() {
        throw new Refusal('serve/too-large', `the body has more than ${mostBodyBytes} bytes`);
      },
    }),
  );

  api.onError((error, c) => {
    const known = problemOf(error);
    if (known?.code === 'serve/login-failed' && error.cause instanceof Error) {
      // The words alone: what came back may hold what logs must not.
      c.get('log').warn({ reason: error.cause.message }, 'a login was not completed');
    }
    if (known === null || known.status >= 500) {
      c.get('log').error({ err: error }, known === null ? 'unforeseen error' : 'unavailable');
    }
    const answered = problemAnswer(known ?? unforeseen(), c.get('requestId'));
    // With what was set before it went wrong, such as a cookie that is taken back.
    return c.newResponse(answered.body, answered);
  });
  api.notFound((c) => {
    const refusal = new Refusal('serve/not-found', 'there is nothing at this address');
    return problemAnswer(refusal.fields, c.get('requestId'));
  });

  addResources(api, options);
  addLogin(api, { login: access.login, audit: options.desk.audit, cookies, originOf });
  addEvents(api, {
    feed: options.feed,
    limits: options.streams ?? streamLimits,
    async stillMay(c) {
      const outcome = await authenticate(shownBy(c));
      return outcome.kind === 'known' && mayCall(outcome.principal, c.get('access'));
    },
  });
  addContract(api, options.version, cookies.session);
  metrics.watchStreams(options.feed.subscribers);
  metrics.watchSources(options.sources);
  metrics.watchOutbox(() => options.desk.outbox.depth());
  return api;
}

function addResources(api: Api, options: AppOptions): void {
  const { desk, feed, rules, metrics } = options;
  addSignals(api, {
    signals: desk.signals,
    feed,
    channelsFor: options.channelsFor ?? (() => []),
    onTriage: options.onTriage ?? (() => undefined),
  });
  addExposures(api, desk.exposures);
  addRules(api, { rules, notRun: options.notRun ?? [] });
  addSuppressions(api, {
    suppressions: desk.suppressions,
    feed,
    ruleIds: new Set(rules.map(({ id }) => id)),
    onChange: options.onSuppressionsChange ?? (() => undefined),
  });
  addUndetermined(api, desk.undetermined);
  addAudit(api, desk.audit);
  addSources(api, options.sources);
  addNotices(api, desk.outbox);
  addDeadLetters(api, desk.deadLetters);
  addOperations(api, { metrics, checks: options.checks });
}

const contractRoute = createRoute({
  method: 'get',
  path: '/openapi.json',
  operationId: 'contract',
  tags: ['operations'],
  summary: 'This document',
  responses: {
    200: jsonOf(z.record(z.string(), z.unknown()), 'OpenAPI 3.1.'),
    ...commonAnswers,
  },
});

function addContract(api: Api, version: string, sessionCookie: string): void {
  api.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'From `portcullis tokens create`.',
  });
  api.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: sessionCookie,
    description: `From /auth/login. Changes need the header ${ownHeader} or a page of the server itself.`,
  });
  let document: Record<string, unknown> | null = null;
  api.openapi(contractRoute, (c) => {
    document ??= { ...contractOf(api, version) };
    return answer(c, 200, document);
  });
}

/** What `/openapi.json` holds. */
export function contractOf(api: Api, version: string) {
  return api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Portcullis',
      version,
      description: 'Security groups that were opened to the world: what, when, by whom.',
      license: { name: 'Apache-2.0' },
    },
  });
}

function taken(waitSeconds: number): void {
  if (waitSeconds === 0) return;
  throw new Refusal('serve/too-many-requests', 'that was too often', { retryAfter: waitSeconds });
}

/** Whether a change was asked for by whoever the request says, and not by a page that uses their browser. */
function isOwnWish(c: ApiContext, kind: 'token' | 'person' | 'open', own: string): boolean {
  // No browser sends a token by itself.
  if (kind === 'token') return true;
  const request: RequestOrigin = {
    origin: c.req.header('origin'),
    fetchSite: c.req.header('sec-fetch-site'),
    ownHeader: c.req.header(ownHeader),
  };
  // A program that is no browser says neither, and nobody's cookie is at stake.
  const isProgram = request.origin === undefined && request.fetchSite === undefined;
  return (kind === 'open' && isProgram) || isFromOwnPage(request, own);
}
