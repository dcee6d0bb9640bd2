// Kysely on a connection of ours: it writes the SQL, the connection runs it. Transactions are the
// connection's own business, so its driver begins and ends none.

import {
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect as KyselyDialect,
  type Driver,
  type QueryResult,
} from 'kysely';
import type { Connection, Parameter } from './connection.ts';

/** Good for as long as the connection is. */
export function kyselyOver<Schema>(connection: Connection): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: dialectOver(connection) });
}

function dialectOver(connection: Connection): KyselyDialect {
  const createDriver = (): Driver => driverOver(connection);
  switch (connection.dialect) {
    case 'sqlite':
      return {
        createDriver,
        createAdapter: () => new SqliteAdapter(),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      };
    case 'postgres':
      return {
        createDriver,
        createAdapter: () => new PostgresAdapter(),
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      };
    default:
      return connection.dialect satisfies never;
  }
}

const nothing = async (): Promise<void> => {};

function driverOver(connection: Connection): Driver {
  const own: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const { rows, affected } = await connection.query(sql, parameters.map(asParameter));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema's types say so
      return { rows: [...rows] as R[], numAffectedRows: BigInt(affected) };
    },
    streamQuery() {
      throw new Error('the store reads whole pages');
    },
  };
  return {
    init: nothing,
    acquireConnection: async () => own,
    beginTransaction: nothing,
    commitTransaction: nothing,
    rollbackTransaction: nothing,
    releaseConnection: nothing,
    destroy: nothing,
  };
}

function asParameter(parameter: unknown): Parameter {
  if (parameter === null || typeof parameter === 'boolean') return parameter;
  if (typeof parameter === 'string' || typeof parameter === 'number') return parameter;
  throw new TypeError(`a parameter of type ${typeof parameter} is not one that columns hold`);
}
