// The store's database as one file of SQLite, in this process. One transaction at a time writes;
// readers have a connection of their own and see what has been committed.

import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  BulkStatement,
  Connection,
  Database,
  Parameter,
  QueryOutcome,
  Row,
  Value,
} from './connection.ts';
import { sqliteFault } from './store-errors.ts';

/** How long a transaction waits for another process that writes, in milliseconds. */
const patienceMs = 15_000;
/** How long one attempt waits inside SQLite, where nothing else of this process can go on. */
const busyTimeoutMs = 100;
/** Pages of 4 KiB that the log grows by before what it holds moves into the file. */
const checkpointPages = 16_000;
/** Statements kept prepared; those that people's questions make are as many as their questions. */
const keptStatements = 200;

export const inMemory = ':memory:';

/** @throws PortcullisError `store/cannot-open` and its like */
export function openSqlite(path: string): Database {
  const isFile = path !== inMemory;
  let main: DatabaseSync;
  let beside: DatabaseSync | null = null;
  try {
    if (isFile) createPrivately(path);
    main = openConnection(path);
    if (isFile) beside = openConnection(path);
  } catch (error) {
    throw sqliteFault(error, path);
  }
  const writer = connectionOver(main);
  const reader = beside === null ? null : connectionOver(beside);
  const inTurn = createQueue();
  let isClosed = false;

  async function transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    await begin(main);
    try {
      const value = await work(writer);
      main.exec('commit');
      return value;
    } catch (error) {
      // A full disk has already ended it.
      if (main.isTransaction) main.exec('rollback');
      throw error;
    }
  }

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw sqliteFault(error, path);
    }
  }

  return {
    dialect: 'sqlite',
    transaction: (work) => inTurn(() => guarded(() => transaction(work))),
    read: (work) =>
      reader === null ? inTurn(() => guarded(() => work(writer))) : guarded(() => work(reader)),
    async close() {
      if (isClosed) return;
      isClosed = true;
      await inTurn(async () => {
        beside?.close();
        // Keeps the statistics by which SQLite chooses indexes; costs nothing where they are good.
        if (isFile) ignoreBusy(() => main.exec('pragma optimize'));
        main.close();
      });
    },
  };
}

/** Nobody else on the machine may read the file; what SQLite puts beside it takes after it. */
function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
}

function openConnection(path: string): DatabaseSync {
  const database = new DatabaseSync(path, {
    timeout: patienceMs,
    enableForeignKeyConstraints: false,
  });
  try {
    database.exec(`pragma journal_mode = wal;
      pragma synchronous = full;
      pragma fullfsync = on;
      pragma checkpoint_fullfsync = on;
      pragma wal_autocheckpoint = ${checkpointPages};
      pragma journal_size_limit = 67108864;
      pragma cache_size = -32768;
      pragma temp_store = memory;
      pragma trusted_schema = off;
      pragma busy_timeout = ${busyTimeoutMs}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Waits for another process without keeping this one from its other work. */
async function begin(database: DatabaseSync): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (let waitMs = 5; ; waitMs = Math.min(waitMs * 2, 100)) {
    try {
      database.exec('begin immediate');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      await sleep(waitMs * (0.5 + Math.random()));
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === 5;
}

function ignoreBusy(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isBusy(error)) throw error;
  }
}

/** SQL on a database that is open. */
export function connectionOver(database: DatabaseSync): Connection {
  const kept = new Map<string, StatementSync>();

  function prepare(sql: string): StatementSync {
    let statement = kept.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      if (kept.size >= keptStatements) kept.clear();
      kept.set(sql, statement);
    }
    return statement;
  }

  return {
    dialect: 'sqlite',
    async query(sql: string, parameters: readonly Parameter[]): Promise<QueryOutcome> {
      const statement = prepare(sql);
      const values = parameters.map((value) =>
        typeof value === 'boolean' ? Number(value) : value,
      );
      if (statement.columns().length > 0) {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- columns hold nothing else
        const rows = statement.all(...values) as Row[];
        return { rows, affected: rows.length };
      }
      return { rows: [], affected: Number(statement.run(...values).changes) };
    },
    async queryMany(
      { sqlite }: BulkStatement,
      input: readonly (readonly Value[])[],
    ): Promise<readonly Row[]> {
      const statement = prepare(sqlite);
      if (statement.columns().length === 0) {
        for (const row of input) statement.run(...row);
        return [];
      }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- columns hold nothing else
      return input.flatMap((row) => statement.all(...row) as Row[]);
    },
  };
}

/** Runs one piece of work at a time, in the order asked. */
function createQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => {});
    return next;
  };
}
