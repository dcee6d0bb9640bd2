// Every answer that is not what was asked for has one shape: RFC 9457, with the code that the catalogue
// of errors lists and the next step that somebody can take. What went wrong inside stays inside.

import { HTTPException } from 'hono/http-exception';
import { z } from '@hono/zod-openapi';
import { catalogue, type FaultCode } from '../../errors/catalogue.ts';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import { QueryError } from '../../query/index.ts';

export const problemSchema = z
  .object({
    type: z.string().openapi({ example: 'urn:portcullis:error:serve/forbidden' }),
    title: z.string().openapi({ description: 'What the code means.' }),
    status: z.int(),
    detail: z.string().openapi({ description: 'What is wrong here.' }),
    code: z.string().openapi({
      description: 'Stable; docs/errors.md lists all of them.',
      example: 'serve/forbidden',
    }),
    hint: z.string().openapi({ description: 'The next step.' }),
    requestId: z.string(),
    errors: z
      .array(z.object({ in: z.string(), path: z.string(), message: z.string() }))
      .optional()
      .openapi({ description: 'What is wrong with which part of the request.' }),
  })
  .openapi('Problem');

export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 413 | 414 | 415 | 429 | 500 | 503;

export type ProblemPart = { readonly in: string; readonly path: string; readonly message: string };

export type ProblemFields = {
  readonly status: ProblemStatus;
  readonly code: FaultCode;
  readonly detail: string;
  readonly hint: string;
  readonly errors?: readonly ProblemPart[];
  /** Seconds. */
  readonly retryAfter?: number;
  readonly allow?: readonly string[];
};

/** A request that is refused; the status and the headers go with the code. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly fields: ProblemFields;

  constructor(
    code: FaultCode,
    detail: string,
    more: Partial<Pick<ProblemFields, 'errors' | 'retryAfter' | 'allow' | 'hint' | 'status'>> = {},
  ) {
    super(detail);
    this.fields = {
      status: statuses.get(code) ?? 500,
      hint: catalogue[code].nextStep,
      ...more,
      code,
      detail,
    };
  }
}

const statuses: ReadonlyMap<string, ProblemStatus> = new Map<string, ProblemStatus>([
  ['serve/bad-request', 400],
  ['serve/login-failed', 400],
  ['store/bad-cursor', 400],
  ['suppression/bad-query', 400],
  ['serve/unauthenticated', 401],
  ['serve/forbidden', 403],
  ['serve/cross-site', 403],
  ['serve/no-role', 403],
  ['serve/not-found', 404],
  ['signal/unknown-id', 404],
  ['suppression/unknown-id', 404],
  ['rule/unknown-id', 404],
  ['serve/bad-method', 405],
  ['serve/too-large', 413],
  ['serve/not-json', 415],
  ['serve/too-many-requests', 429],
  ['serve/busy', 503],
  ['serve/login-unavailable', 503],
  ['store/unavailable', 503],
  ['store/unknown-outcome', 503],
  ['store/locked', 503],
  ['store/full', 503],
]);

/** Seconds after which another try may help, where nothing says better. */
const tryAgainSeconds = 5;

/** What is answered to whatever was thrown; null for what nobody foresaw. */
export function problemOf(error: unknown): ProblemFields | null {
  if (error instanceof Refusal) return error.fields;
  if (error instanceof QueryError) {
    return new Refusal('serve/bad-request', error.message, {
      hint: error.hint,
      errors: [{ in: 'query', path: 'query', message: error.message }],
    }).fields;
  }
  if (error instanceof HTTPException && error.status === 400) {
    return new Refusal('serve/bad-request', error.message).fields;
  }
  if (!(error instanceof PortcullisError)) return null;
  const { code, message, hint } = error;
  const status = statuses.get(code);
  if (status === undefined) return null;
  if (status === 503) {
    // A store's own words may name paths and hosts.
    return { status, code, detail: catalogue[code].meaning, hint, retryAfter: tryAgainSeconds };
  }
  return { status, code, detail: message, hint };
}

export function unforeseen(): ProblemFields {
  return {
    status: 500,
    code: 'internal/unexpected',
    detail: 'something went wrong here; the log of the server has it under the request id',
    hint: 'Try again; if it stays so, tell whoever runs this server the request id.',
  };
}

export function problemAnswer(fields: ProblemFields, requestId: string): Response {
  const { status, retryAfter, allow } = fields;
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  });
  if (retryAfter !== undefined) headers.set('retry-after', String(retryAfter));
  if (allow !== undefined) headers.set('allow', allow.join(', '));
  if (status === 401) headers.set('www-authenticate', 'Bearer realm="portcullis"');
  return new Response(JSON.stringify(problemBody(fields, requestId)), { status, headers });
}

/** The shape that all have. */
export function problemBody(
  fields: Pick<ProblemFields, 'code' | 'detail' | 'hint' | 'errors'> & { readonly status: number },
  requestId: string,
): object {
  const { status, code, detail, hint, errors } = fields;
  return {
    type: `urn:portcullis:error:${code}`,
    title: catalogue[code].meaning,
    status,
    detail,
    code,
    hint,
    requestId,
    ...(errors === undefined ? {} : { errors }),
  };
}
