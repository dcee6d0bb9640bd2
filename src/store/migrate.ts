// Brings a database to the schema that this version knows, in one transaction: of two processes that
// start at once, the second one waits and finds it done.

import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Connection, Database } from './connection.ts';
import { kyselyOver } from './kysely-over.ts';
import { migrationsFor } from './migrations.ts';

const migrationTable = 'portcullis_migrations';
/** Any number that others do not use: PostgreSQL's advisory locks are shared by a database. */
const migrationLock = 0x706f7274;

/**
 * `place` names the store in messages.
 * @throws PortcullisError `store/newer-schema` where a newer version has been at it
 */
export async function migrate(database: Database, place: string): Promise<void> {
  await database.transaction(async (connection) => {
    if (connection.dialect === 'postgres') {
      await connection.query('select pg_advisory_xact_lock($1)', [migrationLock]);
    }
    await migrateOn(connection, place);
  });
}

async function migrateOn(connection: Connection, place: string): Promise<void> {
  const migrations = migrationsFor(connection.dialect);
  const unknown = (await executedMigrations(connection)).filter((name) => !(name in migrations));
  if (unknown.length > 0) {
    throw new PortcullisError(
      'store/newer-schema',
      `the store has been changed by a newer version (${unknown.join(', ')})`,
      { place },
    );
  }
  const migrator = new Migrator({
    db: kyselyOver<unknown>(connection),
    provider: { getMigrations: async () => migrations },
    migrationTableName: migrationTable,
    migrationLockTableName: `${migrationTable}_lock`,
    // Several stores may share one database, each in a schema of its own.
    ...(connection.dialect === 'postgres'
      ? { migrationTableSchema: await schemaOf(connection) }
      : {}),
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** Names of the steps that a database has taken; none for one that is no store yet. */
export async function executedMigrations(connection: Connection): Promise<readonly string[]> {
  const { rows } = await connection.query(
    connection.dialect === 'sqlite'
      ? `select 1 from sqlite_master where name = '${migrationTable}'`
      : `select 1 where to_regclass('${migrationTable}') is not null`,
    [],
  );
  if (rows.length === 0) return [];
  const db = kyselyOver<Record<typeof migrationTable, { readonly name: string }>>(connection);
  const executed = await db.selectFrom(migrationTable).select('name').execute();
  return executed.map(({ name }) => name);
}

async function schemaOf(connection: Connection): Promise<string> {
  const db = kyselyOver<unknown>(connection);
  const { rows } = await sql<{
    readonly name: string | null;
  }>`select current_schema() as name`.execute(db);
  return rows[0]?.name ?? 'public';
}
