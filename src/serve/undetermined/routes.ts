// Calls whose effect the records do not tell in full: what nobody may take for safe.

import { createRoute, z } from '@hono/zod-openapi';
import type { UndeterminedDesk } from '../../model/desk.ts';
import { answer, guarded, guardedAnswers, jsonOf, type Api } from '../answers/api.ts';
import { isoTime, pageOf, pageQuery, pageRequest } from '../answers/schemas.ts';

const undetermined = z
  .object({
    eventId: z.string(),
    eventTime: isoTime,
    eventName: z.string(),
    accountId: z.string(),
    region: z.string(),
    groupId: z.string().nullable(),
    reason: z.string(),
  })
  .openapi('Undetermined');

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/undetermined',
  operationId: 'listUndetermined',
  tags: ['operations'],
  summary: 'Calls whose effect cannot be told, latest first',
  security: guarded,
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: jsonOf(pageOf(undetermined), 'A page of them.'), ...guardedAnswers },
});

export function addUndetermined(api: Api, desk: UndeterminedDesk): void {
  api.openapi(listRoute, async (c) =>
    answer(c, 200, await desk.list(pageRequest(c.req.valid('query')))),
  );
}
