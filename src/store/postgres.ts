// The store's database as a PostgreSQL server, which several processes may share. A connection that
// is lost is made anew; only where a commit was under way can nobody tell what became of it.

import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, types, type PoolClient } from 'pg';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Connection, Database, Parameter, QueryOutcome, Row } from './connection.ts';
import { isConflict, isConnectionLoss, postgresFault, wasNotSent } from './store-errors.ts';

const maxConnections = 10;
const connectTimeoutMs = 10_000;
/** How long work is tried again while the server is away or others come in between. */
const patienceMs = 30_000;

/** PostgreSQL's number for the type bigint. */
const bigintType = 20;

/** What a server may be set to otherwise; a commit that is not on disk is none. */
const sessionSettings = `select
  set_config('synchronous_commit', 'on', false)
    where current_setting('synchronous_commit') = 'off';
  set jit = off;
  set lock_timeout = '60s';
  set idle_in_transaction_session_timeout = '60s'`;

/**
 * Connects when it is first asked.
 * @param address `postgres://user:password@host:port/database`, with what libpq takes besides
 */
export function openPostgres(address: string): Database {
  const place = addressWithoutPassword(address);
  const pool = createPool(address, place);
  let isClosed = false;
  // A wrong address shall be told at once; a server that has been there is waited for.
  let hasConnected = false;

  /** Runs until it succeeds, or fails for another reason than one that passes. */
  async function persistently<T>(attempt: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + patienceMs;
    for (let waitMs = 10; ; waitMs = Math.min(waitMs * 2, 1_000)) {
      try {
        return await attempt();
      } catch (error) {
        const passes = isConflict(error) || (hasConnected && isConnectionLoss(error));
        if (!passes || isClosed || performance.now() > deadline) throw postgresFault(error, place);
        await sleep(waitMs * (0.5 + Math.random()));
      }
    }
  }

  async function withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    hasConnected = true;
    // Without a listener an error between two queries would end the process.
    const ignore = (): void => {};
    client.on('error', ignore);
    let fault: unknown = null;
    try {
      return await work(client);
    } catch (error) {
      fault = error;
      throw error;
    } finally {
      client.off('error', ignore);
      client.release(isConnectionLoss(fault) || isUnknownOutcome(fault));
    }
  }

  async function attemptTransaction<T>(
    client: PoolClient,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    await client.query('begin');
    let value: T;
    try {
      value = await work(connectionOver(client));
    } catch (error) {
      if (!isConnectionLoss(error)) await client.query('rollback');
      throw error;
    }
    let command: string;
    try {
      ({ command } = await client.query('commit'));
    } catch (error) {
      // On a connection that was gone before, nothing has been asked of the server.
      if (!isConnectionLoss(error) || wasNotSent(error)) throw error;
      throw new PortcullisError(
        'store/unknown-outcome',
        'the connection to the database server was lost during a commit',
        { place, cause: error },
      );
    }
    if (command !== 'COMMIT') {
      throw new PortcullisError('store/failed', 'a statement of the transaction had failed', {
        place,
      });
    }
    return value;
  }

  return {
    dialect: 'postgres',
    transaction: (work) =>
      persistently(() => withClient((client) => attemptTransaction(client, work))),
    read: (work) => persistently(() => withClient((client) => work(connectionOver(client)))),
    async close() {
      if (isClosed) return;
      isClosed = true;
      await pool.end();
    },
  };
}

function createPool(address: string, place: string): Pool {
  let pool: Pool;
  try {
    pool = new Pool({
      connectionString: address,
      max: maxConnections,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      application_name: 'portcullis',
      types: { getTypeParser },
      // The pool waits for what this returns, which its types do not say.
      // oxlint-disable-next-line typescript/no-misused-promises
      onConnect: (client) => client.query(sessionSettings),
    });
  } catch (error) {
    throw new PortcullisError('store/cannot-open', 'the address of the store is not a valid one', {
      place,
      cause: error,
    });
  }
  // An idle connection that breaks is replaced when one is needed.
  pool.on('error', () => {});
  return pool;
}

function isUnknownOutcome(fault: unknown): boolean {
  return fault instanceof PortcullisError && fault.code === 'store/unknown-outcome';
}

/** All numbers that the store keeps are exact as JavaScript's own. */
const getTypeParser: typeof types.getTypeParser = (type: number, ...format: readonly unknown[]) =>
  // oxlint-disable-next-line typescript/no-unsafe-return -- as the driver's own
  type === bigintType ? Number : Reflect.apply(types.getTypeParser, types, [type, ...format]);

/** Names of statements that the server keeps prepared, by their text. */
const names = new Map<string, string>();

function nameOf(sql: string): string {
  let name = names.get(sql);
  if (name === undefined) {
    name = `portcullis_${names.size + 1}`;
    names.set(sql, name);
  }
  return name;
}

function connectionOver(client: PoolClient): Connection {
  return {
    dialect: 'postgres',
    async query(sql: string, parameters: readonly Parameter[]): Promise<QueryOutcome> {
      const { rows, rowCount, command } = await client.query<Row>(sql, [...parameters]);
      return { rows, affected: command === 'SELECT' ? 0 : (rowCount ?? 0) };
    },
    async queryMany({ postgres, width }, input) {
      if (input.length === 0) return [];
      const { rows } = await client.query<Row>({
        name: nameOf(postgres),
        text: postgres,
        values: Array.from({ length: width }, (_, column) =>
          input.map((row) => row[column] ?? null),
        ),
      });
      return rows;
    },
  };
}

/** For messages: user, host, port and database, and nothing that is asked for besides. */
export function addressWithoutPassword(address: string): string {
  try {
    const url = new URL(address);
    url.password = '';
    url.search = '';
    url.hash = '';
    return url.href;
  } catch {
    return 'postgres://…';
  }
}
