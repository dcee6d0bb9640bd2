// Who changed what, when, and from where.

import { createRoute, z } from '@hono/zod-openapi';
import type { AuditEntry, AuditLog } from '../../model/desk.ts';
import { answer, guarded, guardedAnswers, jsonOf, type Api } from '../answers/api.ts';
import { isoTime, pageOf, pageQuery, pageRequest, timeOf } from '../answers/schemas.ts';

const entry = z
  .object({
    id: z.int(),
    time: isoTime,
    actor: z.string(),
    from: z.string().nullable().openapi({ description: 'An address, or a command.' }),
    action: z.string().openapi({ example: 'signal.triage' }),
    subject: z.string().nullable().openapi({ description: 'The id of what was changed.' }),
    details: z.record(z.string(), z.unknown()),
  })
  .openapi('AuditEntry');

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/audit',
  operationId: 'listAudit',
  tags: ['access'],
  summary: 'The audit log, latest first',
  security: guarded,
  request: {
    query: z.strictObject({
      actor: z.string().min(1).max(500).optional(),
      action: z.string().min(1).max(200).optional(),
      ...pageQuery,
    }),
  },
  responses: { 200: jsonOf(pageOf(entry), 'A page of it.'), ...guardedAnswers },
});

export function addAudit(api: Api, audit: AuditLog): void {
  api.openapi(listRoute, async (c) => {
    const query = c.req.valid('query');
    const { actor, action } = query;
    const page = await audit.list({
      ...pageRequest(query),
      ...(actor === undefined ? {} : { actor }),
      ...(action === undefined ? {} : { action }),
    });
    return answer(c, 200, { items: page.items.map(entryJson), next: page.next });
  });
}

function entryJson({ id, timeMs, actor, from, action, subject, details }: AuditEntry) {
  return { id, time: timeOf(timeMs), actor, from, action, subject, details: { ...details } };
}
