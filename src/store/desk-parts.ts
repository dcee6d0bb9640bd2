// What the parts of the desk share: a database, a clock, and the audit log that changes are noted in.

import type { Kysely } from 'kysely';
import type { Who } from '../model/desk.ts';
import type { JsonObject } from '../model/json.ts';
import type { Clock } from '../ports.ts';
import { columnText } from './column-text.ts';
import type { Connection, Database } from './connection.ts';
import { kyselyOver } from './kysely-over.ts';
import type { Schema } from './schema.ts';

export type DeskContext = {
  readonly database: Database;
  readonly clock: Clock;
};

export type Queries = Kysely<Schema>;

export function reading<T>(
  { database }: DeskContext,
  work: (db: Queries, connection: Connection) => Promise<T>,
): Promise<T> {
  return database.read((connection) => work(kyselyOver<Schema>(connection), connection));
}

export function changing<T>(
  { database }: DeskContext,
  work: (db: Queries, connection: Connection) => Promise<T>,
): Promise<T> {
  return database.transaction((connection) => work(kyselyOver<Schema>(connection), connection));
}

/** Notes a change in the transaction that makes it. */
export async function note(
  db: Queries,
  { clock }: DeskContext,
  { actor, from }: Who,
  action: string,
  subject: string | null,
  details: JsonObject,
): Promise<void> {
  const timeMs = clock();
  await db
    .insertInto('audit')
    .values({
      time_ms: timeMs,
      actor: columnText(actor),
      action: columnText(action),
      data: JSON.stringify({ timeMs, actor, from, action, subject, details }),
    })
    .execute();
}
