// Deletes what is kept no longer. What is open stays, with all that made it; so does what it takes to
// follow a group further, late records included: a snapshot from before the period that is kept, the
// changes since then, the last change to teach a name, and every change of a prefix list.
// It goes in many small transactions, between which others get their turn.

import { sql, type RawBuilder } from 'kysely';
import type { Retention, RetentionReport } from '../model/desk.ts';
import type { StoredFinding } from '../model/stored.ts';
import { columnText } from './column-text.ts';
import type { Dialect } from './connection.ts';
import { changing, type DeskContext, type Queries } from './desk-parts.ts';
import { parse } from './parsed-data.ts';

/** Rows that one transaction deletes, or groups that it looks at. */
const batch = 500;

export async function retain(context: DeskContext, retention: Retention): Promise<RetentionReport> {
  const now = context.clock();

  /** Runs a step until it finds less than a batch; gives how many there were in all. */
  async function inSteps(step: (db: Queries) => Promise<number>): Promise<number> {
    for (let sum = 0; ;) {
      const count = await changing(context, step);
      sum += count;
      if (count < batch) return sum;
    }
  }

  const groupsBefore = now - retention.signalsMs;
  let exposures = 0;
  let signals = 0;
  for (const isHidden of [0, 1]) {
    signals += await inSteps(async (db) => {
      const [deleted, withThem] = await deleteSignals(db, isHidden, groupsBefore);
      exposures += withThem;
      return deleted;
    });
  }
  const changes = await deleteChanges(context, groupsBefore);
  const matches = await inSteps((db) => deleteMatches(db, groupsBefore));
  const snapshots = await inSteps((db) => deleteSnapshots(db, groupsBefore));
  const old = (table: string, condition: RawBuilder<unknown>) =>
    inSteps((db) => deleteRows(db, table, condition));
  const ended = now - retention.noticesMs;
  return {
    signals,
    exposures,
    changes,
    matches,
    snapshots,
    undetermined: await old('undetermined', sql`time_ms < ${now - retention.undeterminedMs}`),
    auditEntries: await old('audit', sql`time_ms < ${now - retention.auditMs}`),
    notices: await old('outbox', sql`state <> 'waiting' and ended_ms < ${ended}`),
    deadLetters: await old('dead_letters', sql`received_ms < ${now - retention.deadLettersMs}`),
  };
}

async function deleteRows(
  db: Queries,
  table: string,
  condition: RawBuilder<unknown>,
): Promise<number> {
  const name = sql.table(table);
  const { numAffectedRows = 0n } = await sql`delete from ${name} where seq in (
    select seq from ${name} where ${condition} limit ${batch})`.execute(db);
  return Number(numAffectedRows);
}

async function deleteSignals(
  db: Queries,
  isHidden: number,
  beforeMs: number,
): Promise<readonly [signals: number, exposures: number]> {
  const old = await db
    .selectFrom('signals')
    .select(['seq', 'id'])
    .where('is_hidden', '=', sql.lit(isHidden))
    .where('is_open', '=', 0)
    .where('last_ms', '<', beforeMs)
    .orderBy('last_ms')
    .limit(batch)
    .execute();
  if (old.length === 0) return [0, 0];
  const seqs = old.map(({ seq }) => seq);
  const ids = old.map(({ id }) => id);
  const { numDeletedRows } = await db
    .deleteFrom('findings')
    .where('signal_id', 'in', ids)
    .where('is_hidden', '=', isHidden)
    .executeTakeFirst();
  await db.deleteFrom('signal_data').where('seq', 'in', seqs).execute();
  await db.deleteFrom('signals').where('seq', 'in', seqs).execute();
  // What people wrote stays for as long as a signal of that id does, told or hidden.
  for (const table of ['notes', 'triage'] as const) {
    await db
      .deleteFrom(table)
      .where('signal_id', 'in', ids)
      .where('signal_id', 'not in', (eb) =>
        eb.selectFrom('signals').select('id').where('id', 'in', ids),
      )
      .execute();
  }
  return [old.length, Number(numDeletedRows)];
}

type Based = { readonly group_key: string; readonly base_ms: number };

/** Group by group, in the order of their keys. */
async function deleteChanges(context: DeskContext, beforeMs: number): Promise<number> {
  let sum = 0;
  for (let last = ''; ;) {
    const groups = await changing(context, (db) => nextGroups(db, last, beforeMs));
    for (const group of groups) {
      for (;;) {
        const count = await changing(context, (db, { dialect }) =>
          deleteChangesOf(db, dialect, group, beforeMs),
        );
        sum += count;
        if (count < batch) break;
      }
    }
    const end = groups.at(-1);
    if (end === undefined) return sum;
    last = end.group_key;
  }
}

/** Groups with a snapshot from before the period, and when the latest such one is settled. */
async function nextGroups(db: Queries, after: string, beforeMs: number): Promise<readonly Based[]> {
  const { rows } = await sql<Based>`
    select group_key, max(settled_ms) as base_ms from snapshots
    where group_key > ${after} and settled_ms <= ${beforeMs}
    group by group_key order by group_key limit ${batch}`.execute(db);
  return rows;
}

async function deleteChangesOf(
  db: Queries,
  dialect: Dialect,
  { group_key: groupKey, base_ms: baseMs }: Based,
  beforeMs: number,
): Promise<number> {
  const findings = await db
    .selectFrom('findings')
    .select('data')
    .where('group_key', '=', groupKey)
    .execute();
  const needed = findings.flatMap(({ data }) => {
    const { exposure, admissions } = parse<StoredFinding>(data);
    const ends = exposure.closedByEventId === null ? [] : [exposure.closedByEventId];
    return [exposure.openedByEventId, ...ends, ...admissions.map(({ eventId }) => eventId)];
  });
  const keep = JSON.stringify([...new Set(needed.map(columnText))]);
  const list =
    dialect === 'sqlite'
      ? sql`select value from json_each(${keep})`
      : sql`select json_array_elements_text(${keep}::json)`;
  const { numAffectedRows = 0n } = await sql`delete from changes where event_id in (
    select old.event_id from changes as old
    where old.group_key = ${groupKey} and old.time_ms < ${baseMs} and old.list_key is null
      and old.event_id not in (${list})
      and (old.name_key is null or exists (
        select 1 from changes as later where later.name_key = old.name_key
          and later.time_ms > old.time_ms and later.time_ms <= ${beforeMs}))
    limit ${batch})`.execute(db);
  return Number(numAffectedRows);
}

/** Matches of log rules, but for those since a signal of the rule began that is open. */
async function deleteMatches(db: Queries, beforeMs: number): Promise<number> {
  const old = await sql<{ readonly rule_id: string; readonly event_id: string }>`
    select old.rule_id, old.event_id from matches as old
    where old.time_ms < ${beforeMs} and not exists (
      select 1 from signals where signals.rule_id = old.rule_id and signals.group_id is null
        and signals.is_open = 1 and signals.first_ms <= old.time_ms)
    order by old.time_ms limit ${batch}`.execute(db);
  if (old.rows.length === 0) return 0;
  const keys = sql.join(old.rows.map((row) => sql`(${row.rule_id}, ${row.event_id})`));
  for (const table of ['match_groups', 'matches']) {
    await sql`delete from ${sql.table(table)}
      where (rule_id, event_id) in (values ${keys})`.execute(db);
  }
  return old.rows.length;
}

/** All but the latest one from before the period, and those in it. */
async function deleteSnapshots(db: Queries, beforeMs: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`delete from snapshots
    where (group_key, settled_ms) in (
      select old.group_key, old.settled_ms from snapshots as old
      where old.settled_ms < ${beforeMs} and exists (
        select 1 from snapshots as later where later.group_key = old.group_key
          and later.settled_ms > old.settled_ms and later.settled_ms <= ${beforeMs})
      limit ${batch})`.execute(db);
  return Number(numAffectedRows);
}
