// Suppressions that people add to a store. None is ever deleted: what it hid stays explained.

import { randomUUID } from 'node:crypto';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { KeptSuppression, SuppressionDesk } from '../model/desk.ts';
import { parseQuery, QueryError } from '../query/index.ts';
import { columnText } from './column-text.ts';
import { changing, note, reading, type DeskContext } from './desk-parts.ts';
import { parse } from './parsed-data.ts';

export function suppressionDesk(context: DeskContext): SuppressionDesk {
  return {
    list: () =>
      reading(context, async (db) => {
        const rows = await db
          .selectFrom('suppressions')
          .select('data')
          .orderBy('created_ms')
          .orderBy('id')
          .execute();
        return rows.map(({ data }) => parse<KeptSuppression>(data));
      }),
    async add({ ruleId, query, reason, startMs, endMs, ...more }, who) {
      checkQuery(query);
      const creator = more.creator ?? who.actor;
      const kept: KeptSuppression = {
        id: randomUUID(),
        ruleId,
        query,
        reason,
        creator,
        startMs,
        endMs,
        createdMs: context.clock(),
      };
      await changing(context, async (db) => {
        await db
          .insertInto('suppressions')
          .values({ id: kept.id, created_ms: kept.createdMs, data: JSON.stringify(kept) })
          .execute();
        await note(db, context, who, 'suppression.add', kept.id, {
          ruleId,
          query,
          reason,
          creator,
          startMs,
          endMs,
        });
      });
      return kept;
    },
    end: (id, who) =>
      changing(context, async (db) => {
        const row = await db
          .selectFrom('suppressions')
          .select('data')
          .where('id', '=', columnText(id))
          .executeTakeFirst();
        if (row === undefined) {
          throw new PortcullisError('suppression/unknown-id', `there is no suppression ${id}`);
        }
        const before = parse<KeptSuppression>(row.data);
        const now = context.clock();
        // It may be in force at a moment that is its last; one that has ended stays as it was.
        const endMs = Math.min(before.endMs ?? now, now);
        const ended: KeptSuppression = { ...before, endMs };
        await db
          .updateTable('suppressions')
          .set({ data: JSON.stringify(ended) })
          .where('id', '=', columnText(id))
          .execute();
        await note(db, context, who, 'suppression.end', id, { endMs, before: before.endMs });
        return ended;
      }),
  };
}

/** One that does not parse would stop everything that reads it. */
function checkQuery(query: string): void {
  try {
    parseQuery(query);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw new PortcullisError(
      'suppression/bad-query',
      `the query of the suppression does not parse:\n${error.render()}`,
      { cause: error },
    );
  }
}
