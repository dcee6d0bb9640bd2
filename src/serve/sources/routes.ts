// Where records come from, and how far behind each source is.

import { createRoute, z } from '@hono/zod-openapi';
import { answer, guarded, guardedAnswers, jsonOf, type Api } from '../answers/api.ts';
import { listOf } from '../answers/schemas.ts';

export type ServedSource = {
  readonly name: string;
  /** As in the configuration: `sqs`, `s3`. */
  readonly kind: string;
  /** Seconds; null where it is not known. */
  lagSeconds(): number | null;
};

const source = z
  .object({
    name: z.string(),
    kind: z.string(),
    lagSeconds: z.number().nullable().openapi({
      description: 'Between the newest thing known to be there and what was read; null if unknown.',
    }),
  })
  .openapi('Source');

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/sources',
  operationId: 'listSources',
  tags: ['operations'],
  summary: 'Sources and their lag',
  security: guarded,
  responses: {
    200: jsonOf(z.object({ items: listOf(source) }), 'As in the configuration.'),
    ...guardedAnswers,
  },
});

export function addSources(api: Api, sources: readonly ServedSource[]): void {
  api.openapi(listRoute, (c) =>
    answer(c, 200, {
      items: sources.map((each) => ({
        name: each.name,
        kind: each.kind,
        lagSeconds: each.lagSeconds(),
      })),
    }),
  );
}
