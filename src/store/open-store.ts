// Opens the store at an address, brought to this version's schema.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Desk } from '../model/desk.ts';
import type { Clock, Outbox, Store } from '../ports.ts';
import type { Database } from './connection.ts';
import type { DeskContext } from './desk-parts.ts';
import { engineTransaction } from './engine-transaction.ts';
import { exposureDesk } from './exposure-desk.ts';
import { migrate } from './migrate.ts';
import { outboxDesk } from './outbox.ts';
import { auditLog, checkpointDesk, deadLetterDesk, undeterminedDesk } from './plain-desks.ts';
import { addressWithoutPassword, openPostgres } from './postgres.ts';
import { retain } from './retention.ts';
import { signalDesk } from './signal-desk.ts';
import { inMemory, openSqlite } from './sqlite.ts';
import { suppressionDesk } from './suppression-desk.ts';
import { tokenDesk } from './token-desk.ts';

export type OpenStore = Store & Desk & { readonly outbox: Outbox };

export type StoreOptions = {
  /** Tells the times of what people change; the system's clock when absent. */
  readonly clock?: Clock;
  /** Whether a file that is not there is a fault, and not made; false when absent. */
  readonly mustExist?: boolean;
};

/**
 * @param address `postgres://…`, a path, `sqlite:PATH`, or `:memory:` for a store that is gone when it
 *   is closed
 * @throws PortcullisError `store/cannot-open`, `store/newer-schema`, `store/locked` and their like
 */
export async function openStore(
  address: string,
  { clock = Date.now, mustExist = false }: StoreOptions = {},
): Promise<OpenStore> {
  if (/^postgres(?:ql)?:\/\//.test(address)) {
    return storeOn(openPostgres(address), addressWithoutPassword(address), clock);
  }
  const path = address.replace(/^sqlite:(?:\/\/(?=\/))?/, '');
  if (path === '') {
    throw new PortcullisError('store/cannot-open', 'the address of the store is empty');
  }
  const place = path === inMemory ? path : resolve(path);
  if (mustExist && path !== inMemory && !existsSync(place)) {
    throw new PortcullisError('store/cannot-open', 'there is no store', {
      place,
      hint: 'Give the address that `portcullis watch` or `portcullis serve` keeps it at.',
    });
  }
  return storeOn(openSqlite(place), place, clock);
}

async function storeOn(database: Database, place: string, clock: Clock): Promise<OpenStore> {
  try {
    await migrate(database, place);
  } catch (error) {
    await database.close();
    throw error;
  }
  const context: DeskContext = { database, clock };
  return {
    transaction: (work) =>
      database.transaction((connection) => work(engineTransaction(connection))),
    close: () => database.close(),
    signals: signalDesk(context),
    exposures: exposureDesk(context),
    undetermined: undeterminedDesk(context),
    suppressions: suppressionDesk(context),
    deadLetters: deadLetterDesk(context),
    audit: auditLog(context),
    tokens: tokenDesk(context),
    outbox: outboxDesk(context),
    checkpoints: checkpointDesk(context),
    retain: (retention) => retain(context, retention),
  };
}
