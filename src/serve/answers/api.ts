// What all resources share: what a request carries once it has come through the door, and how a route
// says what it answers.

import type { HttpBindings } from '@hono/node-server';
import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { JSONParsed } from 'hono/utils/types';
import type { TypedResponse } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import { safeJson } from '../../render/machine-json.ts';
import type { Who } from '../../model/desk.ts';
import type { Principal } from '../access/principal.ts';
import type { RouteAccess } from '../access/route-access.ts';
import { problemSchema, Refusal } from './problem.ts';

export type ServeEnv = {
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    /** Null where there is no connection. */
    address: string | null;
    access: RouteAccess;
    /** Null for routes that need nobody. */
    principal: Principal | null;
    log: Logger;
  };
};

export type Api = OpenAPIHono<ServeEnv>;
export type ApiContext = Context<ServeEnv>;

export function createApi(): Api {
  return new OpenAPIHono<ServeEnv>({
    defaultHook(result) {
      if (result.success) return;
      const errors = result.error.issues.map((issue) => ({
        in: result.target,
        path: issue.path.join('.'),
        message: issue.message,
      }));
      throw new Refusal('serve/bad-request', 'the request is not as expected', { errors });
    },
  });
}

/** Whoever asks; a route that needs somebody is not reached without. */
export function principalOf(c: ApiContext): Principal {
  const principal = c.get('principal');
  if (principal === null) throw new Refusal('serve/unauthenticated', 'nobody is logged in');
  return principal;
}

export function whoOf(c: ApiContext): Who {
  return { actor: principalOf(c).actor, from: c.get('address') };
}

/** JSON in which no character does anything to a terminal, a log viewer or a page. */
export function answer<T, S extends ContentfulStatusCode>(
  c: ApiContext,
  status: S,
  body: T,
): Response & TypedResponse<JSONParsed<T>, S, 'json'> {
  const response = c.body(safeJson(body), status, { 'content-type': 'application/json' });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as `c.json` itself does
  return response as unknown as Response & TypedResponse<JSONParsed<T>, S, 'json'>;
}

const requestIdHeader = z.object({
  'x-request-id': z.string().openapi({ description: 'Also in the log; yours, if you sent one.' }),
});

function problem(description: string) {
  return {
    description,
    headers: requestIdHeader,
    content: { 'application/problem+json': { schema: problemSchema } },
  };
}

/** What any route may answer. */
export const commonAnswers = {
  400: problem('The request is not as expected.'),
  405: problem('The path has no such method.'),
  413: problem('The body is too large.'),
  414: problem('The address is too long.'),
  431: problem('The headers are too large.'),
  429: problem('Too many requests; Retry-After says how long to wait.'),
  500: problem('Something went wrong here.'),
  503: problem('Something that is needed does not answer; Retry-After says how long to wait.'),
} as const;

/** What any route may answer that needs somebody. */
export const guardedAnswers = {
  ...commonAnswers,
  401: problem('No token and no session, or one that is good for nothing.'),
  403: problem('The role, or the scopes of the token, do not include this.'),
} as const;

export const changeAnswers = {
  ...guardedAnswers,
  415: problem('The body is not JSON.'),
} as const;

export const notFound = { 404: problem('There is no such thing.') } as const;

/** A body of JSON, as an answer. */
export function jsonOf<S extends z.ZodType>(schema: S, description: string) {
  return {
    description,
    headers: requestIdHeader,
    content: { 'application/json': { schema } },
  } as const;
}

export function jsonBody<S extends z.ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

export const guarded: Record<string, string[]>[] = [{ token: [] }, { session: [] }];
