// Messages that could not be read after several tries, kept for a person to look at. What they hold is
// whatever came, so lists leave it out.

import { createRoute, z } from '@hono/zod-openapi';
import type { DeadLetterDesk, KeptDeadLetter } from '../../model/desk.ts';
import {
  answer,
  changeAnswers,
  guarded,
  guardedAnswers,
  jsonOf,
  notFound,
  whoOf,
  type Api,
} from '../answers/api.ts';
import { Refusal } from '../answers/problem.ts';
import {
  isoTime,
  numberParam,
  pageOf,
  pageQuery,
  pageRequest,
  timeOf,
} from '../answers/schemas.ts';

const summary = z
  .object({
    id: z.int(),
    source: z.string(),
    messageId: z.string(),
    reason: z.string(),
    receivedAt: isoTime,
    attempts: z.int(),
  })
  .openapi('DeadLetter');

const whole = z.object({ ...summary.shape, body: z.string() }).openapi('DeadLetterDetails');
const tags = ['operations'];

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/dead-letters',
  operationId: 'listDeadLetters',
  tags,
  summary: 'Messages that could not be read, latest first',
  security: guarded,
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: jsonOf(pageOf(summary), 'A page of them.'), ...guardedAnswers },
});

const showRoute = createRoute({
  method: 'get',
  path: '/api/v1/dead-letters/{id}',
  operationId: 'showDeadLetter',
  tags,
  summary: 'One of them, with what it holds',
  security: guarded,
  request: { params: numberParam },
  responses: { 200: jsonOf(whole, 'The message.'), ...guardedAnswers, ...notFound },
});

const removeRoute = createRoute({
  method: 'delete',
  path: '/api/v1/dead-letters/{id}',
  operationId: 'removeDeadLetter',
  tags,
  summary: 'Forget one of them',
  security: guarded,
  request: { params: numberParam },
  responses: {
    200: jsonOf(z.object({ removed: z.literal(true) }), 'It is gone.'),
    ...changeAnswers,
    ...notFound,
  },
});

export function addDeadLetters(api: Api, letters: DeadLetterDesk): void {
  api.openapi(listRoute, async (c) => {
    const page = await letters.list(pageRequest(c.req.valid('query')));
    return answer(c, 200, { items: page.items.map(summaryOf), next: page.next });
  });
  api.openapi(showRoute, async (c) => {
    const found = await letters.show(c.req.valid('param').id);
    if (found === null) throw noLetter();
    return answer(c, 200, { ...summaryOf(found), body: found.body });
  });
  api.openapi(removeRoute, async (c) => {
    if (!(await letters.remove(c.req.valid('param').id, whoOf(c)))) throw noLetter();
    return answer(c, 200, { removed: true as const });
  });
}

function noLetter(): Refusal {
  return new Refusal('serve/not-found', 'there is no such message');
}

function summaryOf({ id, source, messageId, reason, receivedMs, attempts }: KeptDeadLetter) {
  return { id, source, messageId, reason, receivedAt: timeOf(receivedMs), attempts };
}
