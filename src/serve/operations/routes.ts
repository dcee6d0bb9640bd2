// For those who run the server: whether it lives, whether it can work, what it counts, who one is.

import { createRoute, z } from '@hono/zod-openapi';
import { roles } from '../../model/desk.ts';
import {
  answer,
  commonAnswers,
  guarded,
  guardedAnswers,
  jsonOf,
  principalOf,
  type Api,
} from '../answers/api.ts';
import { isoTime, listOf, timeOrNull } from '../answers/schemas.ts';
import type { Metrics } from './metrics.ts';

/** Something without which the server is of no use. Rejects, or takes too long, where it is not there. */
export type ReadyCheck = { readonly name: string; readonly check: () => Promise<unknown> };

const checksSchema = z.object({
  ready: z.boolean(),
  checks: listOf(z.object({ name: z.string(), ok: z.boolean() })),
});

const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'health',
  tags: ['operations'],
  summary: 'Whether the process lives',
  responses: { 200: jsonOf(z.object({ alive: z.literal(true) }), 'It does.'), ...commonAnswers },
});

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'ready',
  tags: ['operations'],
  summary: 'Whether it can do its work',
  responses: {
    ...commonAnswers,
    200: jsonOf(checksSchema, 'It can.'),
    503: {
      description:
        'It cannot; what is missing says `ok: false`. Problems that come before, as always.',
      content: {
        'application/json': { schema: checksSchema },
        'application/problem+json': commonAnswers[503].content['application/problem+json'],
      },
    },
  },
});

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'metrics',
  tags: ['operations'],
  summary: 'What is counted, for Prometheus',
  security: guarded,
  responses: {
    200: {
      description: 'In the text format of Prometheus.',
      content: { 'text/plain': { schema: z.string() } },
    },
    ...guardedAnswers,
  },
});

const meSchema = z.object({
  kind: z.enum(['token', 'person', 'open']),
  name: z.string(),
  role: z.enum(roles),
  scopes: listOf(z.string()).openapi({ description: 'Empty for all that the role may do.' }),
  expiresAt: isoTime.nullable(),
});

const meRoute = createRoute({
  method: 'get',
  path: '/api/v1/me',
  operationId: 'me',
  tags: ['access'],
  summary: 'Who asks, and what they may do',
  security: guarded,
  responses: { 200: jsonOf(meSchema, 'You.'), ...guardedAnswers },
});

const checkTimeoutMs = 2000;

export function addOperations(
  api: Api,
  { metrics, checks }: { readonly metrics: Metrics; readonly checks: readonly ReadyCheck[] },
): void {
  api.openapi(healthRoute, (c) => answer(c, 200, { alive: true as const }));
  api.openapi(readyRoute, async (c) => {
    const results = await Promise.all(
      checks.map(async ({ name, check }) => ({ name, ok: await holds(check, checkTimeoutMs) })),
    );
    const ready = results.every(({ ok }) => ok);
    return ready
      ? answer(c, 200, { ready, checks: results })
      : answer(c, 503, { ready, checks: results });
  });
  api.openapi(metricsRoute, async (c) => {
    const { contentType, body } = await metrics.text();
    return c.text(body, 200, { 'content-type': contentType });
  });
  api.openapi(meRoute, (c) => {
    const { kind, name, role, scopes, expiresMs } = principalOf(c);
    return answer(c, 200, { kind, name, role, scopes, expiresAt: timeOrNull(expiresMs) });
  });
}

async function holds(check: () => Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([check().then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
