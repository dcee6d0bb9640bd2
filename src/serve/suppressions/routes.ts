// Suppressions that people add while the server runs. None is ever deleted, only ended: what it hid
// stays explained.

import { createRoute, z } from '@hono/zod-openapi';
import type { KeptSuppression, SuppressionDesk } from '../../model/desk.ts';
import {
  answer,
  changeAnswers,
  guarded,
  guardedAnswers,
  jsonBody,
  jsonOf,
  notFound,
  whoOf,
  type Api,
} from '../answers/api.ts';
import { Refusal } from '../answers/problem.ts';
import {
  idParam,
  isoTime,
  listOf,
  textOf,
  timeOf,
  timeOrNull,
  timeQuery,
} from '../answers/schemas.ts';
import type { EventFeed } from '../events/event-feed.ts';

const suppression = z
  .object({
    id: z.string(),
    ruleId: z.string().nullable().openapi({ description: 'Null for all rules.' }),
    query: z.string(),
    reason: z.string(),
    creator: z.string().nullable(),
    createdAt: isoTime,
    startAt: isoTime.nullable(),
    endAt: isoTime.nullable().openapi({ description: 'Null for no end.' }),
  })
  .openapi('Suppression');

const tags = ['suppressions'];

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/suppressions',
  operationId: 'listSuppressions',
  tags,
  summary: 'All suppressions, those that have ended too',
  security: guarded,
  responses: {
    200: jsonOf(z.object({ items: listOf(suppression) }), 'In the order in which they were added.'),
    ...guardedAnswers,
  },
});

const addRoute = createRoute({
  method: 'post',
  path: '/api/v1/suppressions',
  operationId: 'addSuppression',
  tags,
  summary: 'Hide what is known and accepted',
  security: guarded,
  request: {
    body: jsonBody(
      z.strictObject({
        ruleId: textOf(200).nullable().default(null),
        query: textOf(4000).openapi({ example: '@groupId:sg-0123456789abcdef0' }),
        reason: textOf(2000),
        startAt: timeQuery.nullable().default(null),
        endAt: timeQuery.nullable().default(null),
      }),
    ),
  },
  responses: { 201: jsonOf(suppression, 'The suppression.'), ...changeAnswers },
});

const endRoute = createRoute({
  method: 'post',
  path: '/api/v1/suppressions/{id}/end',
  operationId: 'endSuppression',
  tags,
  summary: 'Let a suppression be in force no longer',
  security: guarded,
  request: { params: idParam },
  responses: { 200: jsonOf(suppression, 'As it is now.'), ...changeAnswers, ...notFound },
});

export type SuppressionOptions = {
  readonly suppressions: SuppressionDesk;
  readonly feed: EventFeed;
  readonly ruleIds: ReadonlySet<string>;
  /** So that what is judged from now on is judged by them. */
  readonly onChange: () => void;
};

export function addSuppressions(
  api: Api,
  { suppressions, feed, ruleIds, onChange }: SuppressionOptions,
): void {
  function tell(kept: KeptSuppression, change: 'added' | 'ended') {
    const json = suppressionJson(kept);
    onChange();
    feed.publish({ kind: 'suppression', data: { change, suppression: json } });
    return json;
  }

  api.openapi(listRoute, async (c) =>
    answer(c, 200, { items: (await suppressions.list()).map(suppressionJson) }),
  );
  api.openapi(addRoute, async (c) => {
    const { ruleId, query, reason, startAt, endAt } = c.req.valid('json');
    if (ruleId !== null && !ruleIds.has(ruleId)) {
      throw badPart('ruleId', 'there is no such rule');
    }
    const startMs = startAt === null ? null : Date.parse(startAt);
    const endMs = endAt === null ? null : Date.parse(endAt);
    if (startMs !== null && endMs !== null && endMs < startMs) {
      throw badPart('endAt', 'not before startAt');
    }
    const kept = await suppressions.add({ ruleId, query, reason, startMs, endMs }, whoOf(c));
    return answer(c, 201, tell(kept, 'added'));
  });
  api.openapi(endRoute, async (c) =>
    answer(c, 200, tell(await suppressions.end(c.req.valid('param').id, whoOf(c)), 'ended')),
  );
}

function badPart(path: string, message: string): Refusal {
  return new Refusal('serve/bad-request', `${path}: ${message}`, {
    errors: [{ in: 'json', path, message }],
  });
}

function suppressionJson(kept: KeptSuppression) {
  const { id, ruleId, query, reason, creator, createdMs, startMs, endMs } = kept;
  return {
    id,
    ruleId,
    query,
    reason,
    creator,
    createdAt: timeOf(createdMs),
    startAt: timeOrNull(startMs),
    endAt: timeOrNull(endMs),
  };
}
