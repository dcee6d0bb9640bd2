// Notices on their way out. Whoever sends one holds a lease on it, so that two processes never send the
// same one at the same time; and a notice waits while an earlier one of its signal does.

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Claim, ClaimedNotice, KeptNotice, OutboxDepth, OutboxDesk } from '../model/desk.ts';
import type { Notice } from '../model/stored.ts';
import { columnText } from './column-text.ts';
import type { Dialect } from './connection.ts';
import { changing, note, reading, type DeskContext, type Queries } from './desk-parts.ts';
import { parse } from './parsed-data.ts';
import { latestFirst } from './lists.ts';

type Ending = {
  readonly state: 'waiting' | 'sent' | 'refused';
  readonly due_ms?: number;
  readonly ended_ms?: number;
  readonly reason: string | null;
};

export function outboxDesk(context: DeskContext): OutboxDesk {
  async function end({ id, lease }: Claim, ending: Ending): Promise<boolean> {
    return changing(context, async (db) => {
      const { numUpdatedRows } = await db
        .updateTable('outbox')
        .set(({ eb }) => ({ ...ending, lease: null, attempts: eb('attempts', '+', 1) }))
        .where('seq', '=', id)
        .where('state', '=', 'waiting')
        .where('lease', '=', lease)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    });
  }

  return {
    claim: ({ channel, limit, leaseMs }) =>
      changing(context, (db, { dialect }) =>
        claim(db, dialect, channel, limit, context.clock(), leaseMs),
      ),
    markSent: (claimed) => end(claimed, { state: 'sent', ended_ms: context.clock(), reason: null }),
    markFailed: (claimed, nextAttemptMs, reason) =>
      end(claimed, { state: 'waiting', due_ms: nextAttemptMs, reason: JSON.stringify(reason) }),
    markRefused: (claimed, reason) =>
      end(claimed, {
        state: 'refused',
        ended_ms: context.clock(),
        reason: JSON.stringify(reason),
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
          .set({ state: 'waiting', due_ms: context.clock(), ended_ms: null, lease: null })
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

async function claim(
  db: Queries,
  dialect: Dialect,
  channel: string,
  limit: number,
  nowMs: number,
  leaseMs: number,
): Promise<readonly ClaimedNotice[]> {
  const lease = randomUUID();
  // Others who claim at this moment are passed by; SQLite has one who writes at a time.
  const locking = dialect === 'sqlite' ? sql`` : sql`for update skip locked`;
  const { rows } = await sql<{
    readonly seq: number;
    readonly attempts: number;
    readonly data: string;
  }>`update outbox set lease = ${lease}, due_ms = ${nowMs + leaseMs}
    where seq in (
      select due.seq from outbox as due
      where due.state = 'waiting' and due.channel = ${columnText(channel)}
        and due.due_ms <= ${nowMs}
        and not exists (
          select 1 from outbox as earlier
          where earlier.state = 'waiting' and earlier.channel = due.channel
            and earlier.signal_id = due.signal_id and earlier.seq < due.seq)
      order by due.seq limit ${limit} ${locking})
    returning seq, attempts, data`.execute(db);
  return rows
    .toSorted((a, b) => a.seq - b.seq)
    .map(({ seq, attempts, data }) => ({
      id: seq,
      lease,
      channel,
      notice: parse<Notice>(data),
      attempts,
    }));
}

async function depth(db: Queries): Promise<readonly OutboxDepth[]> {
  const waiting = await db
    .selectFrom('outbox')
    .select(({ fn }) => ['channel', fn.countAll<number>().as('count'), fn.min('seq').as('first')])
    .where('state', '=', sql.lit('waiting'))
    .groupBy('channel')
    .execute();
  const refused = await db
    .selectFrom('outbox')
    .select(({ fn }) => ['channel', fn.countAll<number>().as('count')])
    .where('state', '=', 'refused')
    .groupBy('channel')
    .execute();
  const oldest = new Map<string, number>();
  for (const { channel, first } of waiting) {
    const { data } = await db
      .selectFrom('outbox')
      .select('data')
      .where('seq', '=', first)
      .executeTakeFirstOrThrow();
    oldest.set(channel, parse<Notice>(data).noticedMs);
  }
  const channels = new Set([...waiting, ...refused].map(({ channel }) => channel));
  const countIn = (
    rows: readonly { readonly channel: string; readonly count: number }[],
    channel: string,
  ): number => rows.find((row) => row.channel === channel)?.count ?? 0;
  return [...channels].toSorted().map((channel) => ({
    channel,
    waiting: countIn(waiting, channel),
    oldestMs: oldest.get(channel) ?? null,
    refused: countIn(refused, channel),
  }));
}
