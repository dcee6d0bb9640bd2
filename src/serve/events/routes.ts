// Live updates over server-sent events. A stream costs a bounded amount, whoever reads it and however
// slowly; it ends when whoever opened it may not read it any more.

import { createRoute, z } from '@hono/zod-openapi';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import { safeJson } from '../../render/machine-json.ts';
import { guarded, guardedAnswers, principalOf, type Api, type ApiContext } from '../answers/api.ts';
import { Refusal } from '../answers/problem.ts';
import { eventKinds, type EventFeed, type Subscription } from './event-feed.ts';

export type StreamLimits = {
  /** Streams at once: of all, and of one principal. */
  readonly most: number;
  readonly mostOfOne: number;
  readonly heartbeatSeconds: number;
  /** Then a stream is ended; browsers come back by themselves. */
  readonly lifeSeconds: number;
};

export const streamLimits: StreamLimits = {
  most: 200,
  mostOfOne: 10,
  heartbeatSeconds: 15,
  lifeSeconds: 3600,
};

/** How long a client may leave what it was sent unread, in seconds. */
const patienceSeconds = 30;
/** After which browsers come back, in milliseconds. */
const retryMs = 3000;

/** As a reader of the stream has it. */
const eventSchema = z
  .object({
    id: z.string(),
    event: z.enum([...eventKinds, 'reset']),
    data: z.string().openapi({ description: 'JSON.' }),
  })
  .openapi('Event');

const eventsRoute = createRoute({
  method: 'get',
  path: '/api/v1/events',
  operationId: 'events',
  tags: ['events'],
  summary: 'Live updates, as server-sent events',
  description:
    'The events are `signal`, `triage`, `note`, `suppression`, each with JSON, and `reset`: events ' +
    'were missed, so fetch anew what you show. Comments keep the connection alive.',
  security: guarded,
  request: {
    headers: z.object({
      'last-event-id': z.string().max(100).optional().openapi({
        description: 'The last event that was seen; what came after it is sent first.',
      }),
    }),
  },
  responses: {
    200: { description: 'Events.', content: { 'text/event-stream': { schema: eventSchema } } },
    ...guardedAnswers,
  },
});

export type EventOptions = {
  readonly feed: EventFeed;
  readonly limits: StreamLimits;
  /** Whether whoever opened the stream may still read it. */
  readonly stillMay: (c: ApiContext) => Promise<boolean>;
};

export function addEvents(api: Api, { feed, limits, stillMay }: EventOptions): void {
  const open = new Map<string, number>();
  let total = 0;

  function enter(id: string): () => void {
    const ofOne = open.get(id) ?? 0;
    if (total >= limits.most || ofOne >= limits.mostOfOne) {
      throw new Refusal('serve/busy', 'too many streams of events are open', { retryAfter: 10 });
    }
    total += 1;
    open.set(id, ofOne + 1);
    return () => {
      total -= 1;
      const left = (open.get(id) ?? 1) - 1;
      if (left === 0) open.delete(id);
      else open.set(id, left);
    };
  }

  api.openapi(eventsRoute, (c) => {
    c.header('cache-control', 'no-store');
    c.header('x-accel-buffering', 'no');
    if (c.req.raw.method === 'HEAD')
      return c.body(null, 200, { 'content-type': 'text/event-stream' });
    const leave = enter(principalOf(c).id);
    const subscription = feed.subscribe(c.req.valid('header')['last-event-id'] ?? null);
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => subscription.end());
      try {
        await send(stream, subscription, limits, () => stillMay(c));
      } finally {
        subscription.end();
        leave();
      }
    });
  });
}

async function send(
  stream: SSEStreamingApi,
  subscription: Subscription,
  limits: StreamLimits,
  stillMay: () => Promise<boolean>,
): Promise<void> {
  const endMs = performance.now() + limits.lifeSeconds * 1000;
  // Without a first byte some proxies hold back the head of the answer.
  if (!(await inTime(stream.write(`retry: ${retryMs}\n: hello\n\n`)))) return;
  let checkedMs = performance.now();
  for (;;) {
    const nowMs = performance.now();
    const leftMs = endMs - nowMs;
    if (leftMs <= 0) return;
    const events = await subscription.next(Math.min(leftMs, limits.heartbeatSeconds * 1000));
    if (events === null || stream.aborted) return;
    if (performance.now() - checkedMs >= limits.heartbeatSeconds * 1000) {
      if (!(await stillMay())) return;
      checkedMs = performance.now();
    }
    const text = events.map(
      ({ id, kind, data }) => `id: ${id}\nevent: ${kind}\ndata: ${safeJson(data)}\n\n`,
    );
    if (!(await inTime(stream.write(text.length === 0 ? ': alive\n\n' : text.join(''))))) return;
  }
}

/** Whether what was written has been taken before patience ends. */
async function inTime(written: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceSeconds * 1000);
  });
  try {
    return await Promise.race([written.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
