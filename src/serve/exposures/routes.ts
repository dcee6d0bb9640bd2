// Exposures: a list, one by one, and how many were open over time.

import { createRoute, z } from '@hono/zod-openapi';
import type { ExposureDesk, ExposureFilter, ListedExposure } from '../../model/desk.ts';
import { answer, guarded, guardedAnswers, jsonOf, notFound, type Api } from '../answers/api.ts';
import { Refusal } from '../answers/problem.ts';
import {
  countOf,
  exposureSchema,
  idParam,
  isoTime,
  listOf,
  pageOf,
  pageQuery,
  pageRequest,
  timeOf,
  timeQuery,
} from '../answers/schemas.ts';

const listed = z
  .object({
    exposure: exposureSchema,
    signalId: z.string().openapi({ description: 'The signal that tells of it.' }),
    isHidden: z.boolean().openapi({ description: 'Whether suppressions hide it.' }),
  })
  .openapi('ListedExposure');

const mostBuckets = 1000;
const tags = ['exposures'];
const nameQuery = z.string().min(1).max(200).optional();

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/exposures',
  operationId: 'listExposures',
  tags,
  summary: 'Exposures that are told, latest opening first',
  security: guarded,
  request: {
    query: z.strictObject({
      ruleId: nameQuery,
      accountId: nameQuery,
      region: nameQuery,
      groupId: nameQuery,
      status: z.enum(['open', 'closed']).optional(),
      from: timeQuery.optional().openapi({ description: 'Opened from then on.' }),
      before: timeQuery.optional().openapi({ description: 'Opened before then.' }),
      ...pageQuery,
    }),
  },
  responses: { 200: jsonOf(pageOf(listed), 'A page of them.'), ...guardedAnswers },
});

const bucket = z.object({
  from: isoTime,
  opened: z.int(),
  closed: z.int(),
  open: z.int().openapi({ description: 'Open at its end.' }),
});

const timelineRoute = createRoute({
  method: 'get',
  path: '/api/v1/exposures/timeline',
  operationId: 'exposureTimeline',
  tags,
  summary: 'How many exposures were opened, closed and open, over time',
  security: guarded,
  request: {
    query: z.strictObject({
      from: timeQuery,
      to: timeQuery,
      buckets: countOf(1, mostBuckets, 'Stretches of equal length, 100 without it.').default(100),
    }),
  },
  responses: {
    200: jsonOf(z.object({ buckets: listOf(bucket) }), 'In the order of time.'),
    ...guardedAnswers,
  },
});

const showRoute = createRoute({
  method: 'get',
  path: '/api/v1/exposures/{id}',
  operationId: 'showExposure',
  tags,
  summary: 'One exposure, hidden ones too',
  security: guarded,
  request: { params: idParam },
  responses: { 200: jsonOf(listed, 'The exposure.'), ...guardedAnswers, ...notFound },
});

export function addExposures(api: Api, exposures: ExposureDesk): void {
  api.openapi(listRoute, async (c) => {
    const query = c.req.valid('query');
    const page = await exposures.list({ ...filterOf(query), ...pageRequest(query) });
    return answer(c, 200, { items: page.items.map(listedJson), next: page.next });
  });
  api.openapi(timelineRoute, async (c) => {
    const { from, to, buckets } = c.req.valid('query');
    const fromMs = Date.parse(from);
    const toMs = Date.parse(to);
    if (toMs - fromMs < buckets) {
      throw new Refusal('serve/bad-request', '`to` is not long enough after `from`', {
        errors: [{ in: 'query', path: 'to', message: 'a millisecond for each bucket, at least' }],
      });
    }
    const found = await exposures.timeline(fromMs, toMs, buckets);
    return answer(c, 200, {
      buckets: found.map(({ fromMs: startMs, opened, closed, open }) => ({
        from: timeOf(startMs),
        opened,
        closed,
        open,
      })),
    });
  });
  api.openapi(showRoute, async (c) => {
    const found = await exposures.show(c.req.valid('param').id);
    if (found === null) throw new Refusal('serve/not-found', 'there is no such exposure');
    return answer(c, 200, listedJson(found));
  });
}

function filterOf(query: {
  readonly ruleId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly region?: string | undefined;
  readonly groupId?: string | undefined;
  readonly status?: 'open' | 'closed' | undefined;
  readonly from?: string | undefined;
  readonly before?: string | undefined;
}): ExposureFilter {
  const { ruleId, accountId, region, groupId, status, from, before } = query;
  return {
    ...(ruleId === undefined ? {} : { ruleId }),
    ...(accountId === undefined ? {} : { accountId }),
    ...(region === undefined ? {} : { region }),
    ...(groupId === undefined ? {} : { groupId }),
    ...(status === undefined ? {} : { isOpen: status === 'open' }),
    ...(from === undefined ? {} : { fromMs: Date.parse(from) }),
    ...(before === undefined ? {} : { beforeMs: Date.parse(before) }),
  };
}

function listedJson({ exposure, signalId, isHidden }: ListedExposure) {
  return { exposure, signalId, isHidden };
}
