// Signals as people list, read and judge them. A list is read in the order of an index, page by page;
// what its question asks beyond the columns is asked of a bounded number of signals for each page.

import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type {
  ListedSignal,
  Note,
  Page,
  SignalDesk,
  SignalDetails,
  SignalFilter,
  SignalSort,
  SignalSortKey,
  Triage,
  Who,
} from '../model/desk.ts';
import type { Exposure } from '../model/exposure.ts';
import type { JsonObject } from '../model/json.ts';
import type { Notice, StoredChange, StoredFinding, StoredSignal } from '../model/stored.ts';
import { signalObject } from '../track/signal-object.ts';
import { columnText, columnTextOrNull } from './column-text.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { changing, note, reading, type DeskContext, type Queries } from './desk-parts.ts';
import { engineTransaction } from './engine-transaction.ts';
import { parse } from './parsed-data.ts';
import {
  readSignalQuery,
  type Condition,
  type FilterColumn,
  type SignalQuestion,
} from './signal-query.ts';

/** Signals that a page looks into for what columns do not tell. */
const lookedInto = 1_000;
const batchSize = 250;
/** A condition that fewer signals meet is looked up first, and the signals are sorted. */
const few = 2_000;
/** How far a count goes, and how far where signals must be looked into. */
const countedAtMost = 10_000;

const untouched: Triage = {
  state: 'open',
  reason: null,
  assignee: null,
  changedBy: null,
  changedMs: null,
};

/** The columns of the order, the number of the row aside, which makes it total. */
const sortColumns: Readonly<
  Record<SignalSortKey, readonly ('severity' | 'first_ms' | 'last_ms')[]>
> = {
  firstSeen: ['first_ms'],
  lastSeen: ['last_ms'],
  severity: ['severity', 'first_ms'],
};

/** Columns whose index goes on in the order of `first_ms`, those with the most values first. */
const drivers: readonly FilterColumn[] = [
  'group_id',
  'assignee',
  'account_id',
  'rule_id',
  'region',
  'triage_state',
  'severity',
  'is_open',
];

type Place = {
  readonly seq: number;
  readonly severity: number;
  readonly first_ms: number;
  readonly last_ms: number;
};

type Loaded = { readonly stored: StoredSignal; readonly triage: Triage };

export function signalDesk(context: DeskContext): SignalDesk {
  return {
    async list(request) {
      const question = readSignalQuery(request.query);
      const kind = cursorKind(request);
      const after = readCursor(kind, request.cursor, sortColumns[request.sort.by].length + 1);
      return reading(context, (db) => listPage(db, question, request, kind, after));
    },
    async count(filter) {
      const question = readSignalQuery(filter.query);
      return reading(context, (db) => countSignals(db, question, filter));
    },
    show: (id) => reading(context, (db) => showSignal(db, id)),
    setTriage: (id, state, reason, who, channelsFor = () => []) =>
      changing(context, async (db, connection) => {
        const triage = await touch(db, context, id, who, 'signal.triage', { state, reason });
        const notice = await triageNotice(db, id, triage);
        if (notice !== null) {
          const entries = channelsFor(notice).map((channel) => ({ notice, channel }));
          await engineTransaction(connection).putOutbox(entries);
        }
        return triage;
      }),
    assign: (id, assignee, who) =>
      changing(context, (db) => touch(db, context, id, who, 'signal.assign', { assignee })),
    addNote: (id, text, who) => changing(context, (db) => addNote(db, context, id, text, who)),
  };
}

async function listPage(
  db: Queries,
  question: SignalQuestion,
  request: SignalFilter & { readonly limit: number; readonly sort: SignalSort },
  kind: string,
  start: readonly number[] | null,
): Promise<Page<ListedSignal>> {
  const { sort, limit } = request;
  const columns = sortColumns[sort.by];
  const valuesOf = (place: Place): readonly number[] => [
    ...columns.map((column) => place[column]),
    place.seq,
  ];
  const way = await chooseWay(db, question, request, sort);
  const items: ListedSignal[] = [];
  let after = start;
  let left = question.rest === null ? limit : lookedInto;
  while (left > 0) {
    const wanted = question.rest === null ? limit : Math.min(batchSize, left);
    // One more tells whether there is more.
    const found = await selectPlaces(db, way, sort, after, wanted + 1);
    const places = found.slice(0, wanted);
    const isLast = found.length <= wanted;
    const loaded = await load(db, places, question.rest);
    for (const [index, place] of places.entries()) {
      after = valuesOf(place);
      const item = loaded[index];
      if (item === undefined || item === null) continue;
      items.push(item);
      if (items.length === limit) {
        const isEnd = isLast && index === places.length - 1;
        return { items, next: isEnd ? null : writeCursor(kind, after) };
      }
    }
    if (isLast) return { items, next: null };
    left -= wanted;
  }
  return { items, next: after === null ? null : writeCursor(kind, after) };
}

function cursorKind({ sort, hidden }: SignalFilter & { readonly sort: SignalSort }): string {
  return `signals ${sort.by} ${sort.descending ? 'down' : 'up'}${hidden === true ? ' hidden' : ''}`;
}

async function countSignals(
  db: Queries,
  question: SignalQuestion,
  filter: SignalFilter,
): Promise<{ readonly count: number; readonly isExact: boolean }> {
  const sort: SignalSort = { by: 'firstSeen', descending: true };
  const way = await chooseWay(db, question, filter, sort);
  if (question.rest === null) {
    const { rows } = await sql<{ readonly count: number }>`
      select count(*) as count from (
        select 1 as one from ${way.from} where ${and(way.conditions)} limit ${countedAtMost + 1}
      ) as counted`.execute(db);
    const count = rows[0]?.count ?? 0;
    return { count: Math.min(count, countedAtMost), isExact: count <= countedAtMost };
  }
  const page = await listPage(
    db,
    question,
    { ...filter, sort, limit: lookedInto },
    cursorKind({ ...filter, sort }),
    null,
  );
  return { count: page.items.length, isExact: page.next === null };
}

/** How a list is read: from where, and by which conditions. */
type Way = {
  readonly from: RawBuilder<unknown>;
  readonly conditions: readonly RawBuilder<SqlBool>[];
};

/**
 * Databases guess badly how many rows meet a condition, and a wrong guess costs a walk over a million
 * rows. So the rows are counted, up to a few, and the SQL leaves no other way than the one chosen.
 */
async function chooseWay(
  db: Queries,
  { conditions }: SignalQuestion,
  { fromMs, beforeMs, hidden = false }: SignalFilter,
  sort: SignalSort,
): Promise<Way> {
  // Literals: an index on told signals alone serves no parameter.
  const base: RawBuilder<SqlBool>[] = [hidden ? sql`is_hidden = 1` : sql`is_hidden = 0`];
  if (fromMs !== undefined) base.push(sql`first_ms >= ${fromMs}`);
  if (beforeMs !== undefined) base.push(sql`first_ms < ${beforeMs}`);
  const indexed = conditions.filter(hasIndex);
  const others = (but: Condition | null): readonly RawBuilder<SqlBool>[] =>
    conditions.filter((condition) => condition !== but).map(unindexed);

  for (const condition of hidden ? [] : indexed) {
    const lookUp = sql`select * from signals where is_hidden = 0 and ${plain(condition)}`;
    const { rows } = await sql<{ readonly count: number }>`
      select count(*) as count from (${lookUp} limit ${few}) as counted`.execute(db);
    if ((rows[0]?.count ?? 0) >= few) continue;
    return {
      from: sql`(select * from signals where is_hidden = 0 and ${plain(condition)} limit ${few}) as few`,
      conditions: [...base, ...others(condition)],
    };
  }

  const driver =
    sort.by === 'firstSeen'
      ? drivers
          .map((column) =>
            indexed.find((each) => each.column === column && each.values.length === 1),
          )
          .find((found) => found !== undefined)
      : indexed.find(
          ({ column, values }) =>
            column === 'severity' && sort.by === 'severity' && values.length === 1,
        );
  return {
    from: sql`signals`,
    conditions: [
      ...base,
      ...(driver === undefined ? [] : [plain(driver)]),
      ...others(driver ?? null),
    ],
  };
}

function hasIndex({ column, kind, values }: Condition): boolean {
  return kind === 'in' && (column !== 'is_open' || (values.length === 1 && values[0] === 1));
}

/** As an index is used for it. */
function plain({ column, kind, values }: Condition): RawBuilder<SqlBool> {
  const name = sql.ref(column);
  switch (kind) {
    case 'in':
      // The index on open signals serves the literal alone.
      if (column === 'is_open') return sql`is_open = 1`;
      return values.length === 1
        ? sql`${name} = ${values[0]}`
        : sql`${name} in (${sql.join(values)})`;
    case 'not-in':
      return sql`(${name} is null or ${name} not in (${sql.join(values)}))`;
    case 'exists':
      return sql`${name} is not null`;
    case 'absent':
      return sql`${name} is null`;
    default:
      return kind satisfies never;
  }
}

/** The same, in words that no index serves. */
function unindexed(condition: Condition): RawBuilder<SqlBool> {
  const { column, kind, values } = condition;
  if (kind !== 'in') return plain(condition);
  const isNumber = column === 'severity' || column === 'is_open';
  const name = sql.ref(column);
  return isNumber
    ? sql`(${name} + 0) in (${sql.join(values)})`
    : sql`(${name} || '') in (${sql.join(values)})`;
}

function and(conditions: readonly RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  return sql.join(conditions, sql` and `);
}

async function selectPlaces(
  db: Queries,
  way: Way,
  { by, descending }: SignalSort,
  after: readonly number[] | null,
  limit: number,
): Promise<readonly Place[]> {
  const columns = [...sortColumns[by], 'seq'].map((column) => sql.ref(column));
  const direction = descending ? sql`desc` : sql`asc`;
  const order = sql.join(columns.map((column) => sql`${column} ${direction}`));
  const past =
    after === null
      ? []
      : [sql<SqlBool>`(${sql.join(columns)}) ${descending ? sql`<` : sql`>`} (${sql.join(after)})`];
  const { rows } = await sql<Place>`
    select seq, severity, first_ms, last_ms from ${way.from}
    where ${and([...way.conditions, ...past])}
    order by ${order} limit ${limit}`.execute(db);
  return rows;
}

/** For each place its signal, or null where the question does not hold for it. */
async function load(
  db: Queries,
  places: readonly Place[],
  rest: SignalQuestion['rest'],
): Promise<readonly (ListedSignal | null)[]> {
  if (places.length === 0) return [];
  const loaded = await loadData(
    db,
    places.map(({ seq }) => seq),
  );
  const ordered = places.map(({ seq }) => loaded.get(seq));
  if (rest === null) return ordered.map((one) => (one === undefined ? null : listed(one)));
  const present = ordered.flatMap((one) => one?.stored ?? []);
  const exposures = rest.needsExposures
    ? await exposuresOf(db, present)
    : new Map<string, Exposure[]>();
  const records = rest.needsRecord ? await recordsOf(db, present) : new Map<string, JsonObject>();
  return ordered.map((one) => {
    if (one === undefined) return null;
    const { signal } = one.stored;
    const object = {
      ...signalObject(
        signal,
        exposures.get(exposureKey(one.stored)) ?? [],
        records.get(signal.eventIds[0] ?? '') ?? {},
      ),
      triage: one.triage.state,
      assignee: one.triage.assignee,
    };
    return rest.matches(object) ? listed(one) : null;
  });
}

function listed({ stored, triage }: Loaded): ListedSignal {
  return { signal: stored.signal, triage, suppressedBy: stored.suppressedBy };
}

async function loadData(
  db: Queries,
  seqs: readonly number[],
): Promise<ReadonlyMap<number, Loaded>> {
  const rows = await db
    .selectFrom('signal_data')
    .innerJoin('signals', 'signals.seq', 'signal_data.seq')
    .leftJoin('triage', 'triage.signal_id', 'signals.id')
    .select(['signal_data.seq', 'signal_data.data', 'triage.data as triage'])
    .where('signal_data.seq', 'in', seqs)
    .execute();
  return new Map(
    rows.map(({ seq, data, triage }) => [
      seq,
      {
        stored: parse<StoredSignal>(data),
        triage: triage === null ? untouched : parse<Triage>(triage),
      },
    ]),
  );
}

function exposureKey({ signal, suppressedBy }: StoredSignal): string {
  return `${suppressedBy.length > 0 ? 1 : 0} ${signal.id}`;
}

async function exposuresOf(
  db: Queries,
  signals: readonly StoredSignal[],
): Promise<Map<string, Exposure[]>> {
  const byKey = new Map<string, Exposure[]>();
  if (signals.length === 0) return byKey;
  const rows = await db
    .selectFrom('findings')
    .select('data')
    .where(
      'signal_id',
      'in',
      signals.map(({ signal }) => columnText(signal.id)),
    )
    .orderBy('opened_ms')
    .orderBy('exposure_id')
    .execute();
  for (const { data } of rows) {
    const { exposure, signalId, isHidden } = parse<StoredFinding>(data);
    const key = `${Number(isHidden)} ${signalId}`;
    const list = byKey.get(key);
    if (list === undefined) byKey.set(key, [exposure]);
    else list.push(exposure);
  }
  return byKey;
}

/** Records by event; those of log rules are not kept. */
async function recordsOf(
  db: Queries,
  signals: readonly StoredSignal[],
): Promise<Map<string, JsonObject>> {
  const ids = signals.flatMap(({ signal }) => signal.eventIds.slice(0, 1).map(columnText));
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('changes').select('data').where('event_id', 'in', ids).execute();
  return new Map(
    rows.map(({ data }) => {
      const { change } = parse<StoredChange>(data);
      return [change.eventId, change.record];
    }),
  );
}

async function showSignal(db: Queries, id: string): Promise<SignalDetails | null> {
  const row = await db
    .selectFrom('signals')
    .select('seq')
    .where('id', '=', columnText(id))
    .orderBy('is_hidden')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  const found = (await loadData(db, [row.seq])).get(row.seq);
  if (found === undefined) return null;
  const exposures = await exposuresOf(db, [found.stored]);
  const notes = await db
    .selectFrom('notes')
    .select(['seq', 'data'])
    .where('signal_id', '=', columnText(id))
    .orderBy('seq')
    .execute();
  return {
    ...listed(found),
    exposures: exposures.get(exposureKey(found.stored)) ?? [],
    notes: notes.map(({ seq, data }) => ({ ...parse<Omit<Note, 'id'>>(data), id: seq })),
  };
}

async function requireSignal(db: Queries, id: string): Promise<void> {
  const found = await db
    .selectFrom('signals')
    .select('seq')
    .where('id', '=', columnText(id))
    .executeTakeFirst();
  if (found === undefined) {
    throw new PortcullisError('signal/unknown-id', `there is no signal ${id}`);
  }
}

async function touch(
  db: Queries,
  context: DeskContext,
  id: string,
  who: Who,
  action: string,
  change: Partial<Pick<Triage, 'state' | 'reason' | 'assignee'>>,
): Promise<Triage> {
  await requireSignal(db, id);
  const key = columnText(id);
  const known = await db
    .selectFrom('triage')
    .select('data')
    .where('signal_id', '=', key)
    .executeTakeFirst();
  const before = known === undefined ? untouched : parse<Triage>(known.data);
  const triage: Triage = {
    ...before,
    ...change,
    changedBy: who.actor,
    changedMs: context.clock(),
  };
  const columns = {
    state: triage.state,
    assignee: columnTextOrNull(triage.assignee),
    data: JSON.stringify(triage),
  };
  await db
    .insertInto('triage')
    .values({ signal_id: key, ...columns })
    .onConflict((conflict) => conflict.column('signal_id').doUpdateSet(columns))
    .execute();
  await db
    .updateTable('signals')
    .set({ triage_state: columns.state, assignee: columns.assignee })
    .where('id', '=', key)
    .execute();
  await note(db, context, who, action, id, {
    ...change,
    before: Object.fromEntries(
      Object.keys(change).map((name) => [name, Reflect.get(before, name) as unknown]),
    ),
  });
  return triage;
}

/** What channels are told; null for a signal that is hidden, or is open again to whoever judges it. */
async function triageNotice(
  db: Queries,
  id: string,
  { state, reason, changedBy, changedMs }: Triage,
): Promise<Notice | null> {
  if (state === 'open' || changedBy === null || changedMs === null) return null;
  const shown = await showSignal(db, id);
  if (shown === null || shown.suppressedBy.length > 0) return null;
  return {
    key: `triage ${id} ${state} ${changedMs}`,
    kind: state,
    signal: shown.signal,
    exposures: shown.exposures,
    correction: null,
    replaces: null,
    triage: { by: changedBy, reason },
    noticedMs: changedMs,
  };
}

async function addNote(
  db: Queries,
  context: DeskContext,
  id: string,
  text: string,
  who: Who,
): Promise<Note> {
  await requireSignal(db, id);
  const written = { signalId: id, author: who.actor, timeMs: context.clock(), text };
  const { seq } = await db
    .insertInto('notes')
    .values({ signal_id: columnText(id), data: JSON.stringify(written) })
    .returning('seq')
    .executeTakeFirstOrThrow();
  await note(db, context, who, 'signal.note', id, { note: seq, text });
  return { ...written, id: seq };
}
