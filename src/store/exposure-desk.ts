// Exposures as people list them, and how many there were over time.

import { sql } from 'kysely';
import type {
  ExposureDesk,
  ExposureFilter,
  ListedExposure,
  TimelineBucket,
} from '../model/desk.ts';
import type { StoredFinding } from '../model/stored.ts';
import { columnText } from './column-text.ts';
import { reading, type DeskContext, type Queries } from './desk-parts.ts';
import { never } from './engine-transaction.ts';
import { parse } from './parsed-data.ts';
import { listPage } from './lists.ts';

/** A literal: an index on exposures that are told serves no parameter. */
const told = sql.lit(0);
const mostBuckets = 1_000;

type Row = { readonly seq: number; readonly opened_ms: number; readonly data: string };

export function exposureDesk(context: DeskContext): ExposureDesk {
  return {
    list: (request) =>
      reading(context, (db) =>
        listPage(
          'exposures',
          request,
          2,
          (after, limit) => selectRows(db, request, after, limit),
          ({ opened_ms: openedMs, seq }) => [openedMs, seq],
          ({ data }) => listed(parse<StoredFinding>(data)),
        ),
      ),
    show: (id) =>
      reading(context, async (db) => {
        const row = await db
          .selectFrom('findings')
          .select('data')
          .where('exposure_id', '=', columnText(id))
          .executeTakeFirst();
        return row === undefined ? null : listed(parse<StoredFinding>(row.data));
      }),
    timeline(fromMs, toMs, buckets) {
      if (!(toMs > fromMs) || !Number.isInteger(buckets) || buckets < 1 || buckets > mostBuckets) {
        throw new RangeError(
          `a timeline has from 1 to ${mostBuckets} buckets, and ends after it begins`,
        );
      }
      return reading(context, (db) => timeline(db, fromMs, toMs, buckets));
    },
  };
}

function listed({ exposure, signalId, isHidden }: StoredFinding): ListedExposure {
  return { exposure, signalId, isHidden };
}

function selectRows(
  db: Queries,
  { ruleId, accountId, region, groupId, isOpen, fromMs, beforeMs }: ExposureFilter,
  after: readonly number[] | null,
  limit: number,
): Promise<readonly Row[]> {
  let query = db
    .selectFrom('findings')
    .select(['seq', 'opened_ms', 'data'])
    .where('is_hidden', '=', told);
  if (ruleId !== undefined) query = query.where('rule_id', '=', columnText(ruleId));
  if (accountId !== undefined) query = query.where('account_id', '=', columnText(accountId));
  if (region !== undefined) query = query.where('region', '=', columnText(region));
  if (groupId !== undefined) {
    // An exposure that is told has a signal that is told, of the same group.
    query = query.where('group_key', 'in', (eb) =>
      eb
        .selectFrom('signals')
        .select((inner) => inner.fn.coalesce(inner.ref('group_key'), sql.lit('')).as('group_key'))
        .where('is_hidden', '=', told)
        .where('group_id', '=', columnText(groupId)),
    );
  }
  if (isOpen !== undefined) query = query.where('closed_ms', isOpen ? '=' : '<', never);
  if (fromMs !== undefined) query = query.where('opened_ms', '>=', fromMs);
  if (beforeMs !== undefined) query = query.where('opened_ms', '<', beforeMs);
  if (after !== null) {
    query = query.where((eb) =>
      eb(eb.refTuple('opened_ms', 'seq'), '<', eb.tuple(after[0] ?? 0, after[1] ?? 0)),
    );
  }
  return query.orderBy('opened_ms', 'desc').orderBy('seq', 'desc').limit(limit).execute();
}

async function timeline(
  db: Queries,
  fromMs: number,
  toMs: number,
  buckets: number,
): Promise<readonly TimelineBucket[]> {
  const widthMs = Math.ceil((toMs - fromMs) / buckets);
  const before = await db
    .selectFrom('findings')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('is_hidden', '=', told)
    .where('closed_ms', '>=', fromMs)
    .where('opened_ms', '<', fromMs)
    .executeTakeFirstOrThrow();
  const opened = await countsBy(db, 'opened_ms', fromMs, toMs, widthMs);
  const closed = await countsBy(db, 'closed_ms', fromMs, toMs, widthMs);
  let open = before.count;
  return Array.from({ length: buckets }, (_, index): TimelineBucket => {
    const openedHere = opened.get(index) ?? 0;
    const closedHere = closed.get(index) ?? 0;
    open += openedHere - closedHere;
    return {
      fromMs: fromMs + index * widthMs,
      opened: openedHere,
      closed: closedHere,
      open,
    };
  });
}

async function countsBy(
  db: Queries,
  column: 'opened_ms' | 'closed_ms',
  fromMs: number,
  toMs: number,
  widthMs: number,
): Promise<ReadonlyMap<number, number>> {
  const rows = await db
    .selectFrom('findings')
    .select((eb) => [
      // Rounds down on both databases: SQLite's parameters are no whole numbers to it.
      sql<number>`cast((${eb.ref(column)} - ${fromMs}) / ${widthMs} as integer)`.as('bucket'),
      eb.fn.countAll<number>().as('count'),
    ])
    .where('is_hidden', '=', told)
    .where(column, '>=', fromMs)
    .where(column, '<', toMs)
    .groupBy('bucket')
    .execute();
  return new Map(rows.map(({ bucket, count }) => [bucket, count]));
}
