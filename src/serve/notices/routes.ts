// Notices that a channel refused for good: shown, and sent after all when somebody has seen to the cause.

import { createRoute, z } from '@hono/zod-openapi';
import type { KeptNotice, OutboxDesk } from '../../model/desk.ts';
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
  signalSchema,
  timeOf,
} from '../answers/schemas.ts';

const refused = z
  .object({
    id: z.int(),
    channel: z.string(),
    kind: z.string().openapi({ example: 'opened' }),
    signal: signalSchema,
    attempts: z.int(),
    reason: z.string().nullable(),
    noticedAt: isoTime,
    refusedAt: isoTime,
  })
  .openapi('RefusedNotice');

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/notices/refused',
  operationId: 'listRefusedNotices',
  tags: ['operations'],
  summary: 'Notices that could not be sent, latest first',
  security: guarded,
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: jsonOf(pageOf(refused), 'A page of them.'), ...guardedAnswers },
});

const retryRoute = createRoute({
  method: 'post',
  path: '/api/v1/notices/refused/{id}/retry',
  operationId: 'retryNotice',
  tags: ['operations'],
  summary: 'Try to send a notice again',
  security: guarded,
  request: { params: numberParam },
  responses: {
    200: jsonOf(z.object({ waiting: z.literal(true) }), 'It waits to be sent.'),
    ...changeAnswers,
    ...notFound,
  },
});

export function addNotices(api: Api, notices: OutboxDesk): void {
  api.openapi(listRoute, async (c) => {
    const page = await notices.listRefused(pageRequest(c.req.valid('query')));
    return answer(c, 200, { items: page.items.map(noticeJson), next: page.next });
  });
  api.openapi(retryRoute, async (c) => {
    if (await notices.retryRefused(c.req.valid('param').id, whoOf(c))) {
      return answer(c, 200, { waiting: true as const });
    }
    throw new Refusal('serve/not-found', 'there is no such notice among those refused');
  });
}

function noticeJson({ id, channel, notice, attempts, reason, endedMs }: KeptNotice) {
  return {
    id,
    channel,
    kind: notice.kind,
    signal: notice.signal,
    attempts,
    reason,
    noticedAt: timeOf(notice.noticedMs),
    refusedAt: timeOf(endedMs),
  };
}
