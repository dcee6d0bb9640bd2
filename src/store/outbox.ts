// Notices on their way out. Whoever sends one holds a lease on it, so that two processes never send the
// same one at the same time; and of a signal one process alone sends.

import { createHash, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { KeptNotice, OutboxDesk } from '../model/desk.ts';
import type { Notice } from '../model/stored.ts';
import type { ClaimedEntry, ClaimOptions, Outbox, OutboxDepth } from '../ports.ts';
import { columnText } from './column-text.ts';
import { bulkStatement, type Connection, type Value } from './connection.ts';
import { changing, note, reading, type DeskContext, type Queries } from './desk-parts.ts';
import { latestFirst } from './lists.ts';
import { parse } from './parsed-data.ts';

const holder = { seq: 'integer', lease: 'text', now_ms: 'integer' } as const;
const held = `outbox.seq = input.seq and outbox.lease = input.lease
  and outbox.state = 'waiting' and outbox.lease_ms > input.now_ms`;

const extendLeases = bulkStatement(
  { ...holder, until_ms: 'integer' },
  `update outbox set lease_ms = input.until_ms from @input where ${held}
   returning outbox.seq, outbox.lease`,
);

const markSent = bulkStatement(
  { seq: 'integer', now_ms: 'integer' },
  `update outbox set state = 'sent', ended_ms = input.now_ms, lease = null, lease_ms = 0,
     reason = null
   from @input where outbox.seq = input.seq and outbox.state <> 'sent'`,
);

const markFailed = bulkStatement(
  { ...holder, due_ms: 'integer', reason: 'text' },
  `update outbox set due_ms = input.due_ms, reason = input.reason,
     attempts = outbox.attempts + 1, lease = null, lease_ms = 0
   from @input where ${held}`,
);

const markRefused = bulkStatement(
  { ...holder, reason: 'text' },
  `update outbox set state = 'refused', ended_ms = input.now_ms, reason = input.reason,
     attempts = outbox.attempts + 1, lease = null, lease_ms = 0
   from @input where ${held}`,
);

const postpone = bulkStatement(
  { ...holder, due_ms: 'integer' },
  `update outbox set due_ms = input.due_ms, lease = null, lease_ms = 0 from @input where ${held}`,
);

/** What is to be noted of an entry that was held: the columns behind those of its holder. */
type Outcome = { readonly receipt: string; readonly values: readonly Value[] };

export function outboxDesk(context: DeskContext): Outbox & OutboxDesk {
  const { clock } = context;

  /** An entry whose lease was lost belongs to somebody else, and is left alone. */
  function rowsOf(outcomes: readonly Outcome[]): readonly (readonly Value[])[] {
    const now = clock();
    return outcomes.flatMap(({ receipt, values }) => {
      const parts = readReceipt(receipt);
      return parts === null ? [] : [[parts.seq, parts.lease, now, ...values]];
    });
  }

  return {
    claim: (channel, options) =>
      changing(context, (db, connection) => claim(db, connection, channel, options, clock())),
    extend: (receipts, leaseSeconds) =>
      changing(context, async (_, connection) => {
        const values = [clock() + leaseSeconds * 1000];
        const rows = await connection.queryMany(
          extendLeases,
          rowsOf(receipts.map((receipt) => ({ receipt, values }))),
        );
        return rows.map(({ seq, lease }) => writeReceipt(Number(seq), String(lease)));
      }),
    markSent: (receipts) =>
      changing(context, async (_, connection) => {
        const seqs = receipts.flatMap((receipt) => readReceipt(receipt)?.seq ?? []);
        await connection.queryMany(
          markSent,
          seqs.map((seq) => [seq, clock()]),
        );
      }),
    markFailed: (failures) =>
      changing(context, async (_, connection) => {
        const outcomes = failures.map(({ receipt, nextAttemptMs, reason }) => ({
          receipt,
          values: [nextAttemptMs, JSON.stringify(reason)],
        }));
        await connection.queryMany(markFailed, rowsOf(outcomes));
      }),
    markRefused: (refusals) =>
      changing(context, async (_, connection) => {
        const outcomes = refusals.map(({ receipt, reason }) => ({
          receipt,
          values: [JSON.stringify(reason)],
        }));
        await connection.queryMany(markRefused, rowsOf(outcomes));
      }),
    postpone: (receipts, dueMs) =>
      changing(context, async (_, connection) => {
        const outcomes = receipts.map((receipt) => ({ receipt, values: [dueMs] }));
        await connection.queryMany(postpone, rowsOf(outcomes));
      }),
    listRefused: (request) =>
      reading(context, (db) =>
        latestFirst(
          'refused notices',
          request,
          (before, limit) =>
            db
              .selectFrom('outbox')
              .select(['seq', 'channel', 'attempts', 'ended_ms', 'reason', 'data'])
              .where('state', '=', 'refused')
              .where('seq', '<', before)
              .orderBy('seq', 'desc')
              .limit(limit)
              .execute(),
          ({ seq, channel, attempts, ended_ms: endedMs, reason, data }): KeptNotice => ({
            id: seq,
            channel,
            notice: parse<Notice>(data),
            attempts,
            reason: reason === null ? null : parse<string>(reason),
            endedMs: endedMs ?? 0,
          }),
        ),
      ),
    retryRefused: (id, who) =>
      changing(context, async (db) => {
        const row = await db
          .updateTable('outbox')
          .set({ state: 'waiting', due_ms: clock(), ended_ms: null, lease: null })
          .where('seq', '=', id)
          .where('state', '=', 'refused')
          .returning('channel')
          .executeTakeFirst();
        if (row === undefined) return false;
        await note(db, context, who, 'notice.retry', String(id), { channel: row.channel });
        return true;
      }),
    depth: () => reading(context, depth),
  };
}

/** The number of the entry, and this time of holding it. */
function writeReceipt(seq: number, lease: string): string {
  return `${seq}.${lease}`;
}

function readReceipt(receipt: string): { readonly seq: number; readonly lease: string } | null {
  const [, seq, lease] = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(receipt) ?? [];
  return seq === undefined || lease === undefined ? null : { seq: Number(seq), lease };
}

/** Keeps locks of channels apart from other advisory locks in the database. */
const claimLock = 0x706f7275;

function lockOf(channel: string): number {
  return createHash('sha256').update(channel).digest().readInt32BE(0);
}

async function claim(
  db: Queries,
  connection: Connection,
  channel: string,
  { limit, leaseSeconds }: ClaimOptions,
  nowMs: number,
): Promise<readonly ClaimedEntry[]> {
  const column = columnText(channel);
  if (connection.dialect === 'postgres') {
    // A signal comes whole, so two that claim at once must not each see a part of it. On SQLite one
    // writes at a time as it is.
    await connection.query('select pg_advisory_xact_lock($1, $2)', [claimLock, lockOf(column)]);
  }
  // The first entries that are due belong to the signals that have been due longest.
  const { rows: due } = await sql<{ readonly signal_id: string }>`
    select due.signal_id from outbox as due
    where due.state = 'waiting' and due.channel = ${column} and due.due_ms <= ${nowMs}
      and not exists (
        select 1 from outbox as other
        where other.state = 'waiting' and other.channel = due.channel
          and other.signal_id = due.signal_id and other.lease_ms > ${nowMs})
    order by due.due_ms, due.seq limit ${limit}`.execute(db);
  const signals = [...new Set(due.map(({ signal_id: id }) => id))];
  if (signals.length === 0) return [];
  const waiting = await db
    .selectFrom('outbox')
    .select(['seq', 'signal_id', 'attempts', 'due_ms', 'data'])
    .where('state', '=', sql.lit('waiting'))
    .where('channel', '=', column)
    .where('signal_id', 'in', signals)
    .orderBy('seq')
    .execute();
  const bySignal = Map.groupBy(waiting, (row) => row.signal_id);
  const taken = signals.flatMap((signal) => bySignal.get(signal) ?? []).slice(0, limit);
  const lease = randomUUID();
  await db
    .updateTable('outbox')
    .set({ lease, lease_ms: nowMs + leaseSeconds * 1000 })
    .where(
      'seq',
      'in',
      taken.map(({ seq }) => seq),
    )
    .execute();
  return taken.map(({ seq, attempts, due_ms: dueMs, data }) => ({
    notice: parse<Notice>(data),
    channel,
    receipt: writeReceipt(seq, lease),
    attempts,
    dueMs,
  }));
}

async function depth(db: Queries): Promise<readonly OutboxDepth[]> {
  const waiting = await db
    .selectFrom('outbox')
    .select(({ fn }) => [
      'channel',
      fn.countAll<number>().as('count'),
      fn.min('noticed_ms').as('oldest'),
    ])
    .where('state', '=', sql.lit('waiting'))
    .groupBy('channel')
    .execute();
  const refused = await db
    .selectFrom('outbox')
    .select(({ fn }) => ['channel', fn.countAll<number>().as('count')])
    .where('state', '=', 'refused')
    .groupBy('channel')
    .execute();
  const waitingIn = new Map(waiting.map((row) => [row.channel, row]));
  const refusedIn = new Map(refused.map(({ channel, count }) => [channel, count]));
  return [...new Set([...waitingIn.keys(), ...refusedIn.keys()])].toSorted().map((channel) => ({
    channel,
    waiting: waitingIn.get(channel)?.count ?? 0,
    refused: refusedIn.get(channel) ?? 0,
    oldestMs: waitingIn.get(channel)?.oldest ?? null,
  }));
}
