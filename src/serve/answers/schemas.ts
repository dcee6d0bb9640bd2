// The nouns of the API as schemas: what `openapi.json` says of them, and what the compiler holds the
// answers to. Times are ISO 8601 in UTC.

import { z } from '@hono/zod-openapi';
import { severities } from '../../model/exposure.ts';
import { triageStates } from '../../model/stored.ts';

/** Readonly, as everything is that the store hands out. */
export function listOf<S extends z.ZodType>(schema: S): z.ZodReadonly<z.ZodArray<S>> {
  return z.array(schema).readonly();
}

export function pageOf<S extends z.ZodType>(item: S) {
  return z.object({
    items: listOf(item),
    next: z.string().nullable().openapi({
      description: 'What to send as `cursor` for what comes next; null at the end.',
    }),
  });
}

export const mostItems = 200;

/** A whole number as a text, as in addresses. What says so to readers has to say all of it. */
export function countOf(least: number, most: number, description: string) {
  return z.coerce
    .number()
    .int()
    .min(least)
    .max(most)
    .openapi({ type: 'integer', minimum: least, maximum: most, description });
}

export const pageQuery = {
  limit: countOf(1, mostItems, 'How many at most, 50 without it; a page may have fewer.').default(
    50,
  ),
  cursor: z.string().min(1).max(1000).optional().openapi({
    description: '`next` of the page before; good for the same question only.',
  }),
};

export function pageRequest(query: {
  readonly limit: number;
  readonly cursor?: string | undefined;
}) {
  return { limit: query.limit, cursor: query.cursor ?? null };
}

/** The earliest and latest times that JavaScript knows are of no use to anybody. */
export const timeQuery = z.iso
  .datetime({ offset: true })
  .refine((text) => Number.isFinite(Date.parse(text)), 'no such time')
  .openapi({ format: 'date-time', example: '2026-03-01T08:00:00Z' });

export function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function timeOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : timeOf(milliseconds);
}

export const isoTime = z.string().openapi({ format: 'date-time' });

export const idParam = z.object({ id: z.string().min(1).max(500) });

/** Ids of rows, which count up. */
export const numberParam = z.object({
  id: countOf(1, Number.MAX_SAFE_INTEGER, 'As the list names it.'),
});

export function textOf(most: number) {
  return z.string().min(1).max(most).regex(/\S/, 'more than blanks');
}

const orNull = z.string().nullable();

export const actorSchema = z
  .object({
    type: z.string(),
    arn: orNull,
    sessionName: orNull,
    accessKeyId: orNull,
    sourceIp: orNull,
    userAgent: orNull,
    invokedBy: orNull,
  })
  .openapi('Actor', {
    description: 'Who made a call, as the record tells it: text of their choice.',
  });

/** In a schema that is referred to by name, `nullable` would be lost. */
const actorOrNull = z.union([actorSchema, z.null()]);

export const severitySchema = z.enum(severities);

export const signalSchema = z
  .object({
    id: z.string(),
    ruleId: z.string(),
    severity: severitySchema,
    title: z.string(),
    accountId: z.string(),
    region: z.string(),
    groupId: orNull.openapi({ description: 'Null for a signal of a log rule.' }),
    groupName: z.string().optional(),
    vpcId: z.string().optional(),
    actor: actorSchema,
    firstSeen: isoTime,
    lastSeen: isoTime,
    status: z.enum(['open', 'closed']),
    closedAt: isoTime.nullable(),
    closedBy: actorOrNull,
    durationSeconds: z.number().nullable(),
    message: z.string().openapi({ description: 'Markdown, with every attribute escaped.' }),
    exposures: listOf(z.string()),
    eventIds: listOf(z.string()),
    groupBy: listOf(z.object({ attribute: z.string(), value: orNull })).optional(),
    case: z.string().optional(),
    newValues: listOf(z.string()).optional(),
    eventCount: z.int().optional(),
    queries: listOf(z.object({ name: z.string(), count: z.int() })).optional(),
  })
  .openapi('Signal');

export const exposureSchema = z
  .object({
    id: z.string(),
    ruleId: z.string(),
    accountId: z.string(),
    region: z.string(),
    groupId: z.string(),
    groupName: z.string().optional(),
    vpcId: z.string().optional(),
    protocol: z.string(),
    port: z.int(),
    toPort: z.int().optional(),
    service: orNull,
    ipv4Coverage: z.number(),
    ipv6Coverage: z.number(),
    sources: listOf(z.string()),
    openedAt: isoTime,
    openedByEventId: z.string(),
    openedByEventName: z.string().optional(),
    openedBy: actorSchema,
    closedAt: isoTime.nullable(),
    closedByEventId: orNull,
    closedBy: actorOrNull,
    durationSeconds: z.number().nullable(),
  })
  .openapi('Exposure');

export const triageSchema = z
  .object({
    state: z.enum(triageStates),
    reason: orNull,
    assignee: orNull,
    changedBy: orNull,
    changedAt: isoTime.nullable(),
  })
  .openapi('Triage');

export const suppressedBySchema = listOf(z.object({ id: z.string(), reason: z.string() }));
