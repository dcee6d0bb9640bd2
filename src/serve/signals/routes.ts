// Signals, and what people make of them. Every change is noted in the audit log by the store, in the
// transaction that makes it.

import { createRoute, z } from '@hono/zod-openapi';
import type {
  ListedSignal,
  Note,
  SignalDesk,
  SignalDetails,
  SignalFilter,
  SignalSort,
  Triage,
} from '../../model/desk.ts';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import { triageStates, type Notice } from '../../model/stored.ts';
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
import {
  exposureSchema,
  idParam,
  isoTime,
  listOf,
  pageOf,
  pageQuery,
  pageRequest,
  signalSchema,
  suppressedBySchema,
  textOf,
  timeOf,
  timeOrNull,
  timeQuery,
  triageSchema,
} from '../answers/schemas.ts';
import type { EventFeed } from '../events/event-feed.ts';

const sorts = [
  '-lastSeen',
  'lastSeen',
  '-firstSeen',
  'firstSeen',
  '-severity',
  'severity',
] as const;

const listed = z
  .object({ signal: signalSchema, triage: triageSchema, suppressedBy: suppressedBySchema })
  .openapi('ListedSignal');

const noteSchema = z
  .object({
    id: z.int(),
    signalId: z.string(),
    author: z.string(),
    time: isoTime,
    text: z.string(),
  })
  .openapi('Note');

const details = z
  .object({
    signal: signalSchema,
    triage: triageSchema,
    suppressedBy: suppressedBySchema,
    exposures: listOf(exposureSchema),
    notes: listOf(noteSchema),
  })
  .openapi('SignalDetails');

const filterQuery = {
  query: z.string().max(4000).optional().openapi({
    description:
      'In the query language, over the attributes of a signal, `triage` and `assignee`; all without it.',
    example: '@severity:high status:open',
  }),
  from: timeQuery.optional().openapi({ description: 'First seen from then on.' }),
  before: timeQuery.optional().openapi({ description: 'First seen before then.' }),
  hidden: z.enum(['true', 'false']).optional().openapi({
    description: 'Those that suppressions hide, instead of those that are told.',
  }),
};

const tags = ['signals'];

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/signals',
  operationId: 'listSignals',
  tags,
  summary: 'Signals, page by page',
  security: guarded,
  request: {
    query: z.strictObject({
      ...filterQuery,
      sort: z.enum(sorts).default('-lastSeen'),
      ...pageQuery,
    }),
  },
  responses: { 200: jsonOf(pageOf(listed), 'A page of them.'), ...guardedAnswers },
});

const countRoute = createRoute({
  method: 'get',
  path: '/api/v1/signals/count',
  operationId: 'countSignals',
  tags,
  summary: 'How many signals there are',
  security: guarded,
  request: { query: z.strictObject(filterQuery) },
  responses: {
    200: jsonOf(
      z.object({
        count: z.int(),
        isExact: z.boolean().openapi({ description: 'False where there may be more.' }),
      }),
      'So many.',
    ),
    ...guardedAnswers,
  },
});

const showRoute = createRoute({
  method: 'get',
  path: '/api/v1/signals/{id}',
  operationId: 'showSignal',
  tags,
  summary: 'One signal, with its exposures and notes',
  security: guarded,
  request: { params: idParam },
  responses: { 200: jsonOf(details, 'The signal.'), ...guardedAnswers, ...notFound },
});

const triageRoute = createRoute({
  method: 'put',
  path: '/api/v1/signals/{id}/triage',
  operationId: 'setTriage',
  tags,
  summary: 'Change how far people are with a signal',
  security: guarded,
  request: {
    params: idParam,
    body: jsonBody(z.strictObject({ state: z.enum(triageStates), reason: textOf(2000) })),
  },
  responses: { 200: jsonOf(triageSchema, 'As it is now.'), ...changeAnswers, ...notFound },
});

const assignRoute = createRoute({
  method: 'put',
  path: '/api/v1/signals/{id}/assignee',
  operationId: 'assignSignal',
  tags,
  summary: 'Say who looks after a signal',
  security: guarded,
  request: {
    params: idParam,
    body: jsonBody(
      z.strictObject({
        assignee: textOf(200).nullable().openapi({ description: 'Null for nobody.' }),
      }),
    ),
  },
  responses: { 200: jsonOf(triageSchema, 'As it is now.'), ...changeAnswers, ...notFound },
});

const notesRoute = createRoute({
  method: 'get',
  path: '/api/v1/signals/{id}/notes',
  operationId: 'listNotes',
  tags,
  summary: 'What people wrote about a signal',
  security: guarded,
  request: { params: idParam },
  responses: {
    200: jsonOf(z.object({ items: listOf(noteSchema) }), 'Oldest first.'),
    ...guardedAnswers,
    ...notFound,
  },
});

const addNoteRoute = createRoute({
  method: 'post',
  path: '/api/v1/signals/{id}/notes',
  operationId: 'addNote',
  tags,
  summary: 'Write something about a signal',
  security: guarded,
  request: { params: idParam, body: jsonBody(z.strictObject({ text: textOf(10_000) })) },
  responses: { 201: jsonOf(noteSchema, 'The note.'), ...changeAnswers, ...notFound },
});

export type SignalOptions = {
  readonly signals: SignalDesk;
  readonly feed: EventFeed;
  readonly channelsFor: (notice: Notice) => readonly string[];
  readonly onTriage: () => void;
};

export function addSignals(
  api: Api,
  { signals, feed, channelsFor, onTriage }: SignalOptions,
): void {
  api.openapi(listRoute, async (c) => {
    const query = c.req.valid('query');
    const page = await signals.list({
      ...filterOf(query),
      ...pageRequest(query),
      sort: sortOf(query.sort),
    });
    return answer(c, 200, { items: page.items.map(listedJson), next: page.next });
  });
  api.openapi(countRoute, async (c) =>
    answer(c, 200, await signals.count(filterOf(c.req.valid('query')))),
  );
  api.openapi(showRoute, async (c) => {
    const found = await shown(signals, c.req.valid('param').id);
    return answer(c, 200, {
      ...listedJson(found),
      exposures: found.exposures,
      notes: found.notes.map(noteJson),
    });
  });
  api.openapi(triageRoute, async (c) => {
    const { id } = c.req.valid('param');
    const { state, reason } = c.req.valid('json');
    const triage = triageJson(await signals.setTriage(id, state, reason, whoOf(c), channelsFor));
    onTriage();
    feed.publish({ kind: 'triage', data: { signalId: id, triage } });
    return answer(c, 200, triage);
  });
  api.openapi(assignRoute, async (c) => {
    const { id } = c.req.valid('param');
    const triage = triageJson(await signals.assign(id, c.req.valid('json').assignee, whoOf(c)));
    feed.publish({ kind: 'triage', data: { signalId: id, triage } });
    return answer(c, 200, triage);
  });
  api.openapi(notesRoute, async (c) => {
    const { notes } = await shown(signals, c.req.valid('param').id);
    return answer(c, 200, { items: notes.map(noteJson) });
  });
  api.openapi(addNoteRoute, async (c) => {
    const { id } = c.req.valid('param');
    const note = noteJson(await signals.addNote(id, c.req.valid('json').text, whoOf(c)));
    feed.publish({ kind: 'note', data: note });
    return answer(c, 201, note);
  });
}

async function shown(signals: SignalDesk, id: string): Promise<SignalDetails> {
  const found = await signals.show(id);
  if (found === null) throw new PortcullisError('signal/unknown-id', 'there is no such signal');
  return found;
}

function filterOf(query: {
  readonly query?: string | undefined;
  readonly from?: string | undefined;
  readonly before?: string | undefined;
  readonly hidden?: 'true' | 'false' | undefined;
}): SignalFilter {
  return {
    query: query.query ?? '',
    ...(query.from === undefined ? {} : { fromMs: Date.parse(query.from) }),
    ...(query.before === undefined ? {} : { beforeMs: Date.parse(query.before) }),
    hidden: query.hidden === 'true',
  };
}

function sortOf(sort: (typeof sorts)[number]): SignalSort {
  switch (sort) {
    case '-lastSeen':
    case 'lastSeen':
      return { by: 'lastSeen', descending: sort === '-lastSeen' };
    case '-firstSeen':
    case 'firstSeen':
      return { by: 'firstSeen', descending: sort === '-firstSeen' };
    case '-severity':
    case 'severity':
      return { by: 'severity', descending: sort === '-severity' };
    default:
      return sort satisfies never;
  }
}

function listedJson({ signal, triage, suppressedBy }: ListedSignal) {
  return { signal, triage: triageJson(triage), suppressedBy };
}

function triageJson({ state, reason, assignee, changedBy, changedMs }: Triage) {
  return { state, reason, assignee, changedBy, changedAt: timeOrNull(changedMs) };
}

function noteJson({ id, signalId, author, timeMs, text }: Note) {
  return { id, signalId, author, time: timeOf(timeMs), text };
}
