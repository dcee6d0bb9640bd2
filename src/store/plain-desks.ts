// The small parts of the desk: undetermined changes, dead letters, the audit log and checkpoints. Each
// is a list in the order in which things came.

import type {
  AuditEntry,
  AuditLog,
  DeadLetterDesk,
  Desk,
  KeptDeadLetter,
  UndeterminedDesk,
} from '../model/desk.ts';
import type { DeadLetter, StoredUndetermined } from '../model/stored.ts';
import { columnText } from './column-text.ts';
import { changing, note, reading, type DeskContext } from './desk-parts.ts';
import { engineTransaction } from './engine-transaction.ts';
import { parse } from './parsed-data.ts';
import { latestFirst, listPage } from './lists.ts';

export function undeterminedDesk(context: DeskContext): UndeterminedDesk {
  return {
    list: (request) =>
      reading(context, (db) =>
        listPage(
          'undetermined',
          request,
          2,
          (after, limit) => {
            let query = db.selectFrom('undetermined').select(['seq', 'time_ms', 'data']);
            if (after !== null) {
              query = query.where((eb) =>
                eb(eb.refTuple('time_ms', 'seq'), '<', eb.tuple(after[0] ?? 0, after[1] ?? 0)),
              );
            }
            return query.orderBy('time_ms', 'desc').orderBy('seq', 'desc').limit(limit).execute();
          },
          ({ time_ms: timeMs, seq }) => [timeMs, seq],
          ({ data }) => parse<StoredUndetermined>(data).undetermined,
        ),
      ),
  };
}

function keptLetter({
  seq,
  data,
}: {
  readonly seq: number;
  readonly data: string;
}): KeptDeadLetter {
  return { ...parse<DeadLetter>(data), id: seq };
}

export function deadLetterDesk(context: DeskContext): DeadLetterDesk {
  return {
    put: (letter) =>
      changing(context, async (db) => {
        const columns = { received_ms: letter.receivedMs, data: JSON.stringify(letter) };
        await db
          .insertInto('dead_letters')
          .values({
            source: columnText(letter.source),
            message_id: columnText(letter.messageId),
            ...columns,
          })
          .onConflict((conflict) => conflict.columns(['source', 'message_id']).doUpdateSet(columns))
          .execute();
      }),
    list: (request) =>
      reading(context, (db) =>
        latestFirst(
          'dead letters',
          request,
          (before, limit) =>
            db
              .selectFrom('dead_letters')
              .select(['seq', 'data'])
              .where('seq', '<', before)
              .orderBy('seq', 'desc')
              .limit(limit)
              .execute(),
          keptLetter,
        ),
      ),
    show: (id) =>
      reading(context, async (db) => {
        const row = await db
          .selectFrom('dead_letters')
          .select(['seq', 'data'])
          .where('seq', '=', id)
          .executeTakeFirst();
        return row === undefined ? null : keptLetter(row);
      }),
    remove: (id, who) =>
      changing(context, async (db) => {
        const row = await db
          .deleteFrom('dead_letters')
          .where('seq', '=', id)
          .returning('data')
          .executeTakeFirst();
        if (row === undefined) return false;
        const { source, messageId, reason } = parse<DeadLetter>(row.data);
        await note(db, context, who, 'dead-letter.remove', String(id), {
          source,
          messageId,
          reason,
        });
        return true;
      }),
  };
}

export function auditLog(context: DeskContext): AuditLog {
  return {
    append: ({ actor, from, action, subject, details }) =>
      changing(context, (db) => note(db, context, { actor, from }, action, subject, details)),
    list: (request) =>
      reading(context, (db) =>
        latestFirst(
          'audit',
          request,
          (before, limit) => {
            let query = db.selectFrom('audit').select(['seq', 'data']).where('seq', '<', before);
            const { actor, action } = request;
            if (actor !== undefined) query = query.where('actor', '=', columnText(actor));
            if (action !== undefined) query = query.where('action', '=', columnText(action));
            return query.orderBy('seq', 'desc').limit(limit).execute();
          },
          ({ seq, data }): AuditEntry => ({ ...parse<Omit<AuditEntry, 'id'>>(data), id: seq }),
        ),
      ),
  };
}

export function checkpointDesk({ database }: DeskContext): Desk['checkpoints'] {
  return {
    load: (name) => database.read((connection) => engineTransaction(connection).checkpoint(name)),
    save: (name, value) =>
      database.transaction((connection) =>
        engineTransaction(connection).putCheckpoint(name, value),
      ),
  };
}
