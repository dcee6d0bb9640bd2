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
import type { Dialect } from './connection.ts';
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

/** What bounds the work of one page, and of one count. */
export type WorkLimits = {
  /** A condition that fewer signals meet is looked up first, and the signals are sorted. */
  readonly few: number;
  /** Rows of an index that a page, and a count, goes through in search of those that match. */
  readonly walked: number;
  readonly countWalked: number;
  /** Signals that are loaded to be asked what columns do not tell, and so many at a time. */
  readonly lookedInto: number;
  readonly batch: number;
};

const usualLimits: WorkLimits = {
  few: 2_000,
  walked: 5_000,
  countWalked: 20_000,
  lookedInto: 1_000,
  batch: 250,
};
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

/** Where and how signals are looked for. */
type Search = {
  readonly db: Queries;
  readonly dialect: Dialect;
  readonly limits: WorkLimits;
};

type Loaded = { readonly stored: StoredSignal; readonly triage: Triage };

export function signalDesk(context: DeskContext, limits: WorkLimits = usualLimits): SignalDesk {
  const searching = <T>(work: (search: Search) => Promise<T>): Promise<T> =>
    reading(context, (db, { dialect }) => work({ db, dialect, limits }));
  return {
    async list(request) {
      const question = readSignalQuery(request.query);
      const kind = cursorKind(request);
      const after = readCursor(kind, request.cursor, sortColumns[request.sort.by].length + 1);
      return searching((search) => listPage(search, question, request, kind, after));
    },
    async count(filter) {
      const question = readSignalQuery(filter.query);
      return searching((search) => countSignals(search, question, filter));
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
  search: Search,
  question: SignalQuestion,
  request: SignalFilter & { readonly limit: number; readonly sort: SignalSort },
  kind: string,
  start: readonly number[] | null,
): Promise<Page<ListedSignal>> {
  const { sort, limit } = request;
  const { lookedInto, batch } = search.limits;
  const valuesOf = (place: Place): readonly number[] => [
    ...sortColumns[sort.by].map((column) => place[column]),
    place.seq,
  ];
  const way = await chooseWay(search, question, request, sort);
  const items: ListedSignal[] = [];
  let after = start;
  let left = question.rest === null ? limit : lookedInto;
  while (left > 0) {
    const wanted = question.rest === null ? limit : Math.min(batch, left);
    // One more tells whether there is more.
    const { found, stoppedAt } = await selectPlaces(search, way, sort, after, wanted + 1);
    const places = found.slice(0, wanted);
    const isLast = found.length <= wanted && stoppedAt === null;
    const loaded = await load(search.db, places, question.rest);
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
    if (stoppedAt !== null) return { items, next: writeCursor(kind, valuesOf(stoppedAt)) };
    left -= wanted;
  }
  return { items, next: after === null ? null : writeCursor(kind, after) };
}

function cursorKind({ sort, hidden }: SignalFilter & { readonly sort: SignalSort }): string {
  return `signals ${sort.by} ${sort.descending ? 'down' : 'up'}${hidden === true ? ' hidden' : ''}`;
}

async function countSignals(
  search: Search,
  question: SignalQuestion,
  filter: SignalFilter,
): Promise<{ readonly count: number; readonly isExact: boolean }> {
  const sort: SignalSort = { by: 'firstSeen', descending: true };
  const { lookedInto, countWalked } = search.limits;
  if (question.rest !== null) {
    const request = { ...filter, sort, limit: lookedInto };
    const page = await listPage(search, question, request, cursorKind(request), null);
    return { count: page.items.length, isExact: page.next === null };
  }
  const { from, order, others } = await chooseWay(search, question, filter, sort);
  const walked = others.length === 0 ? countedAtMost : countWalked;
  const { rows } = await sql<{ readonly seen: number; readonly count: number }>`
    select count(*) as seen, count(case when ${and(others)} then 1 end) as count
    from (select * from ${from} where ${and(order)} limit ${walked + 1}) as walked`.execute(
    search.db,
  );
  const { seen = 0, count = 0 } = rows[0] ?? {};
  return { count: Math.min(count, walked), isExact: seen <= walked };
}

/** How a list is read: from where, by conditions that an index answers, and by others. */
type Way = {
  readonly from: RawBuilder<unknown>;
  readonly order: readonly RawBuilder<SqlBool>[];
  readonly others: readonly RawBuilder<SqlBool>[];
};

/**
 * Databases guess badly how many rows meet a condition, and a wrong guess costs a walk over a million
 * rows. So the rows are counted, up to a few, and the SQL leaves no other way than the one chosen.
 */
async function chooseWay(
  { db, dialect, limits: { few } }: Search,
  { conditions }: SignalQuestion,
  { fromMs, beforeMs, hidden = false }: SignalFilter,
  sort: SignalSort,
): Promise<Way> {
  // Literals: an index on told signals alone serves no parameter.
  const told = hidden ? sql<SqlBool>`is_hidden = 1` : sql<SqlBool>`is_hidden = 0`;
  const times: readonly RawBuilder<SqlBool>[] = [
    ...(fromMs === undefined ? [] : [sql<SqlBool>`first_ms >= ${fromMs}`]),
    ...(beforeMs === undefined ? [] : [sql<SqlBool>`first_ms < ${beforeMs}`]),
  ];
  const indexed = hidden ? [] : conditions.filter(hasIndex);
  const but = (used: Condition | null): readonly RawBuilder<SqlBool>[] =>
    conditions.filter((condition) => condition !== used).map(unindexed);

  for (const condition of indexed) {
    const lookUp = sql`(select * from signals where is_hidden = 0 and ${plain(condition)}
      limit ${few}) as few`;
    const { rows } = await sql<{ readonly count: number }>`
      select count(*) as count from ${lookUp}`.execute(db);
    if ((rows[0]?.count ?? 0) >= few) continue;
    return { from: lookUp, order: [told, ...times, ...but(condition)], others: [] };
  }

  const driver = driverFor(sort, indexed);
  const isOpenOnes = driver?.column === 'is_open' && sort.by !== 'firstSeen';
  // SQLite would as soon walk over all signals in the same order.
  const hint =
    isOpenOnes && dialect === 'sqlite'
      ? sql` indexed by ${sql.ref(`signals_open_by_${sort.by === 'severity' ? 'severity' : 'last'}`)}`
      : sql``;
  const inOrder = sort.by === 'firstSeen' ? times : [];
  return {
    from: sql`signals${hint}`,
    order: [told, ...(driver === null ? [] : [plain(driver)]), ...inOrder],
    others: [...(sort.by === 'firstSeen' ? [] : times), ...but(driver)],
  };
}

/** The condition whose index goes on in the order asked for. */
function driverFor({ by }: SignalSort, indexed: readonly Condition[]): Condition | null {
  const columns: Readonly<Record<SignalSortKey, readonly FilterColumn[]>> = {
    firstSeen: drivers,
    lastSeen: ['is_open'],
    severity: ['is_open', 'severity'],
  };
  for (const column of columns[by]) {
    const found = indexed.find((each) => each.column === column && each.values.length === 1);
    if (found !== undefined) return found;
  }
  return null;
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
  return conditions.length === 0 ? sql`1 = 1` : sql.join(conditions, sql` and `);
}

type Found = {
  readonly found: readonly Place[];
  /** Where the walk ended though there may be more; null where everything was seen. */
  readonly stoppedAt: Place | null;
};

async function selectPlaces(
  { db, limits: { walked } }: Search,
  way: Way,
  { by, descending }: SignalSort,
  after: readonly number[] | null,
  limit: number,
): Promise<Found> {
  const columns = [...sortColumns[by], 'seq'].map((column) => sql.ref(column));
  const direction = descending ? sql`desc` : sql`asc`;
  const order = sql.join(columns.map((column) => sql`${column} ${direction}`));
  const past =
    after === null
      ? []
      : [sql<SqlBool>`(${sql.join(columns)}) ${descending ? sql`<` : sql`>`} (${sql.join(after)})`];
  const inOrder = sql`${way.from} where ${and([...way.order, ...past])} order by ${order}`;
  const place = sql`seq, severity, first_ms, last_ms`;
  if (way.others.length === 0) {
    const { rows } = await sql<Place>`select ${place} from ${inOrder} limit ${limit}`.execute(db);
    return { found: rows, stoppedAt: null };
  }
  const { rows: found } = await sql<Place>`
    select ${place} from (select * from ${inOrder} limit ${walked}) as walked
    where ${and(way.others)} order by ${order} limit ${limit}`.execute(db);
  if (found.length === limit) return { found, stoppedAt: null };
  const { rows: ends } = await sql<Place>`
    select ${place} from ${inOrder} limit 1 offset ${walked - 1}`.execute(db);
  return { found, stoppedAt: ends[0] ?? null };
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
