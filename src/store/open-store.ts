// Opens the store at an address, brought to this version's schema.

import { resolve } from 'node:path';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Store } from '../ports.ts';
import type { Database } from './connection.ts';
import { engineTransaction } from './engine-transaction.ts';
import { migrate } from './migrate.ts';
import { addressWithoutPassword, openPostgres } from './postgres.ts';
import { inMemory, openSqlite } from './sqlite.ts';

/**
 * @param address `postgres://…`, a path, `sqlite:PATH`, or `:memory:` for a store that is gone when it is closed
 * @throws PortcullisError `store/cannot-open`, `store/newer-schema`, `store/locked` and their like
 */
export async function openStore(address: string): Promise<Store> {
  if (/^postgres(?:ql)?:\/\//.test(address)) {
    return storeOn(openPostgres(address), addressWithoutPassword(address));
  }
  const path = address.replace(/^sqlite:(?:\/\/(?=\/))?/, '');
  if (path === '') {
    throw new PortcullisError('store/cannot-open', 'the address of the store is empty');
  }
  const place = path === inMemory ? path : resolve(path);
  return storeOn(openSqlite(place), place);
}

async function storeOn(database: Database, place: string): Promise<Store> {
  try {
    await migrate(database, place);
  } catch (error) {
    await database.close();
    throw error;
  }
  return {
    transaction: (work) =>
      database.transaction((connection) => work(engineTransaction(connection))),
    close: () => database.close(),
  };
}
