// The schema's history, the same for both databases. A migration that has been released is never
// changed: what comes later is a new one. Columns exist to be looked up; `data` holds the thing itself.

import { sql, type ColumnDataType, type CreateTableBuilder, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Dialect } from './connection.ts';

/** By name, in the order of their names. */
export function migrationsFor(dialect: Dialect): Readonly<Record<string, Migration>> {
  return { '0001_first': { up: (db) => createFirst(db, dialect) } };
}

async function createFirst(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const integer: ColumnDataType = dialect === 'sqlite' ? 'integer' : 'bigint';
  const table = (name: string): CreateTableBuilder<string, string> => {
    const created = db.schema.createTable(name);
    return dialect === 'sqlite' ? created.modifyEnd(sql`strict`) : created;
  };
  /** A number of the row's own, rising; on SQLite it is the row's place in the table. */
  const numbered = (name: string): CreateTableBuilder<string, string> =>
    table(name).addColumn('seq', integer, (column) =>
      dialect === 'sqlite'
        ? column.primaryKey().autoIncrement()
        : column.primaryKey().generatedAlwaysAsIdentity(),
    );
  const index = async (name: string, on: string): Promise<void> => {
    await sql.raw(`create index ${name} on ${on}`).execute(db);
  };
  const unique = async (name: string, on: string): Promise<void> => {
    await sql.raw(`create unique index ${name} on ${on}`).execute(db);
  };

  await table('changes')
    .addColumn('event_id', 'text', (column) => column.primaryKey())
    .addColumn('group_key', 'text')
    .addColumn('list_key', 'text')
    .addColumn('name_key', 'text')
    .addColumn('copy_key', 'text')
    .addColumn('time_ms', integer, (column) => column.notNull())
    .addColumn('counts', integer, (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();
  await index('changes_by_group', 'changes (group_key, time_ms) where group_key is not null');
  await index('changes_by_list', 'changes (list_key) where list_key is not null');
  await index('changes_by_name', 'changes (name_key, time_ms) where name_key is not null');
  await index('changes_by_copy', 'changes (copy_key) where copy_key is not null');

  await table('snapshots')
    .addColumn('group_key', 'text', (column) => column.notNull())
    .addColumn('settled_ms', integer, (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('snapshots_key', ['group_key', 'settled_ms'])
    .execute();

  await table('list_namings')
    .addColumn('list_key', 'text', (column) => column.notNull())
    .addColumn('group_key', 'text', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('list_namings_key', ['list_key', 'group_key'])
    .execute();

  await numbered('findings')
    .addColumn('exposure_id', 'text', (column) => column.notNull())
    .addColumn('group_key', 'text', (column) => column.notNull())
    .addColumn('signal_id', 'text', (column) => column.notNull())
    .addColumn('is_hidden', integer, (column) => column.notNull())
    .addColumn('rule_id', 'text', (column) => column.notNull())
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('region', 'text', (column) => column.notNull())
    .addColumn('opened_ms', integer, (column) => column.notNull())
    // The greatest whole number of JavaScript while it is open, so that one range finds both.
    .addColumn('closed_ms', integer, (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();
  await unique('findings_by_id', 'findings (exposure_id)');
  await index('findings_by_group', 'findings (group_key, closed_ms)');
  await index('findings_by_signal', 'findings (signal_id)');
  await index('findings_by_opening', 'findings (opened_ms, seq) where is_hidden = 0');
  await index('findings_by_closing', 'findings (closed_ms, opened_ms) where is_hidden = 0');

  await numbered('signals')
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('is_hidden', integer, (column) => column.notNull())
    .addColumn('group_key', 'text')
    .addColumn('rule_id', 'text', (column) => column.notNull())
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('region', 'text', (column) => column.notNull())
    .addColumn('group_id', 'text')
    .addColumn('severity', integer, (column) => column.notNull())
    .addColumn('is_open', integer, (column) => column.notNull())
    .addColumn('first_ms', integer, (column) => column.notNull())
    .addColumn('last_opened_ms', integer, (column) => column.notNull())
    .addColumn('last_ms', integer, (column) => column.notNull())
    .addColumn('triage_state', 'text', (column) => column.notNull())
    .addColumn('assignee', 'text')
    .execute();
  await unique('signals_by_id', 'signals (id, is_hidden)');
  await index('signals_by_group_key', 'signals (group_key, last_opened_ms)');
  await index('signals_by_first', 'signals (first_ms, seq) where is_hidden = 0');
  await index('signals_by_last', 'signals (last_ms, seq) where is_hidden = 0');
  for (const column of [
    'rule_id',
    'account_id',
    'region',
    'group_id',
    'severity',
    'triage_state',
    'assignee',
  ]) {
    await index(`signals_by_${column}`, `signals (${column}, first_ms, seq) where is_hidden = 0`);
  }

  await index('signals_hidden', 'signals (last_ms, seq) where is_hidden = 1');
  await index('signals_by_open', 'signals (first_ms, seq) where is_hidden = 0 and is_open = 1');
  await index('signals_open_by_last', 'signals (last_ms, seq) where is_hidden = 0 and is_open = 1');
  await index(
    'signals_open_by_severity',
    'signals (severity, first_ms, seq) where is_hidden = 0 and is_open = 1',
  );

  // Apart from the columns that lists are made by, so that these stand close together.
  await table('signal_data')
    .addColumn('seq', integer, (column) => column.primaryKey())
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();

  await table('matches')
    .addColumn('rule_id', 'text', (column) => column.notNull())
    .addColumn('event_id', 'text', (column) => column.notNull())
    .addColumn('time_ms', integer, (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('matches_key', ['rule_id', 'event_id'])
    .execute();
  await index('matches_by_time', 'matches (time_ms)');

  await table('match_groups')
    .addColumn('rule_id', 'text', (column) => column.notNull())
    .addColumn('group_name', 'text', (column) => column.notNull())
    .addColumn('event_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('match_groups_key', ['rule_id', 'group_name', 'event_id'])
    .execute();
  await index('match_groups_by_event', 'match_groups (rule_id, event_id)');

  await table('triage')
    .addColumn('signal_id', 'text', (column) => column.primaryKey())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('assignee', 'text')
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();

  await numbered('notes')
    .addColumn('signal_id', 'text', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();
  await index('notes_by_signal', 'notes (signal_id, seq)');

  await numbered('undetermined')
    .addColumn('event_id', 'text', (column) => column.notNull())
    .addColumn('group_key', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('time_ms', integer, (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();
  await unique('undetermined_once', 'undetermined (event_id, group_key, reason)');
  await index('undetermined_by_group', 'undetermined (group_key, time_ms)');
  await index('undetermined_by_time', 'undetermined (time_ms, seq)');

  await numbered('outbox')
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('notice_key', 'text', (column) => column.notNull())
    .addColumn('signal_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', integer, (column) => column.notNull())
    .addColumn('noticed_ms', integer, (column) => column.notNull())
    .addColumn('due_ms', integer, (column) => column.notNull())
    // Who sends it just now, and until when nobody else may.
    .addColumn('lease', 'text')
    .addColumn('lease_ms', integer, (column) => column.notNull())
    .addColumn('ended_ms', integer)
    .addColumn('reason', 'text')
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();
  await unique('outbox_once', 'outbox (channel, notice_key)');
  await index('outbox_waiting', "outbox (channel, signal_id, seq) where state = 'waiting'");
  await index('outbox_due', "outbox (channel, due_ms, seq) where state = 'waiting'");
  await index('outbox_ended', "outbox (state, ended_ms) where state <> 'waiting'");

  await table('checkpoints')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();

  await table('suppressions')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('created_ms', integer, (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();

  await numbered('dead_letters')
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('message_id', 'text', (column) => column.notNull())
    .addColumn('received_ms', integer, (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();
  await unique('dead_letters_once', 'dead_letters (source, message_id)');

  await numbered('audit')
    .addColumn('time_ms', integer, (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();
  await index('audit_by_time', 'audit (time_ms, seq)');
  await index('audit_by_actor', 'audit (actor, seq)');
  await index('audit_by_action', 'audit (action, seq)');

  await table('api_tokens')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('created_ms', integer, (column) => column.notNull())
    .addColumn('last_used_ms', integer)
    .addColumn('revoked_ms', integer)
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();
  await unique('api_tokens_by_hash', 'api_tokens (hash)');
}
