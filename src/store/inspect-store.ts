// Looks at a store without changing it: whether it is there, and whether opening it would change it.

import { constants, existsSync } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Connection } from './connection.ts';
import { executedMigrations } from './migrate.ts';
import { migrationsFor } from './migrations.ts';
import { openPostgres } from './postgres.ts';
import { connectionOver, inMemory } from './sqlite.ts';
import { sqliteFault } from './store-errors.ts';

export type StoreState =
  /** It would be made. */
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'there';
      /** Steps of the schema that opening it would take. */
      readonly missing: number;
      /** Steps that this version does not know, by name. */
      readonly unknown: readonly string[];
    };

/**
 * @param address as `openStore` takes it
 * @throws PortcullisError `store/cannot-open` and its like
 */
export async function inspectStore(address: string): Promise<StoreState> {
  if (/^postgres(?:ql)?:\/\//.test(address)) {
    const database = openPostgres(address);
    try {
      return await database.read(stateOf);
    } finally {
      await database.close();
    }
  }
  const path = address.replace(/^sqlite:(?:\/\/(?=\/))?/, '');
  if (path === inMemory) return { kind: 'absent' };
  const place = resolve(path);
  if (!existsSync(place)) {
    const folder = existingPlace(dirname(place));
    if (!(await stat(folder)).isDirectory()) {
      throw new PortcullisError('store/cannot-open', `${folder} is not a folder`, { place });
    }
    await mayUse(folder, constants.W_OK, place);
    return { kind: 'absent' };
  }
  await mayUse(place, constants.R_OK | constants.W_OK, place);
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(place, { readOnly: true });
  } catch (error) {
    throw sqliteFault(error, place);
  }
  try {
    return await stateOf(connectionOver(database));
  } catch (error) {
    throw sqliteFault(error, place);
  } finally {
    database.close();
  }
}

async function mayUse(path: string, mode: number, place: string): Promise<void> {
  try {
    await access(path, mode);
  } catch (error) {
    throw new PortcullisError('store/cannot-open', `${path} may not be written`, {
      place,
      cause: error,
    });
  }
}

async function stateOf(connection: Connection): Promise<StoreState> {
  const known = Object.keys(migrationsFor(connection.dialect));
  const executed = await executedMigrations(connection);
  if (executed.length === 0) return { kind: 'absent' };
  return {
    kind: 'there',
    missing: known.filter((name) => !executed.includes(name)).length,
    unknown: executed.filter((name) => !known.includes(name)),
  };
}

/** The path, or the nearest above it that is there. */
function existingPlace(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existingPlace(dirname(path));
}
