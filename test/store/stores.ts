// The stores that the shared suite runs on, each empty. Where there is no PostgreSQL, its part of the
// suite is skipped, and the runner says so.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { hasPostgres, startPostgres, type Postgres } from '../support/postgres.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

export type OpenedStore = Awaited<ReturnType<typeof openStore>>;

export type Stores = {
  /** The address of an empty store of its own, gone when the tests have ended. */
  address(): Promise<string>;
  /** A store at such an address, for one test. */
  open(): Promise<OpenedStore>;
};

/** Describes the same behaviour on both. */
export function onEveryStore(what: string, tests: (stores: Stores) => void): void {
  describe(`${what}, on SQLite`, () => {
    tests(storesAt(async () => join(await scratchFolder(), 'store.db')));
  });
  describe.skipIf(!hasPostgres)(`${what}, on PostgreSQL`, () => {
    let server: Postgres;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server?.stop());
    tests(storesAt(() => server.freshAddress()));
  });
}

function storesAt(address: () => Promise<string>): Stores {
  return {
    address,
    async open() {
      const store = await openStore(await address());
      onTestFinished(() => store.close());
      return store;
    },
  };
}
