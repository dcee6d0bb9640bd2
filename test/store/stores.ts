// The stores that the shared suite runs on, each empty.

import { onTestFinished } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';

export type OpenedStore = Awaited<ReturnType<typeof openStore>>;

export type StoreKind = {
  readonly name: string;
  /** The address of an empty store of its own, gone when the test has ended. */
  address(): Promise<string>;
};

/** An empty store for one test. */
export async function freshStore(kind: StoreKind): Promise<OpenedStore> {
  const store = await openStore(await kind.address());
  onTestFinished(() => store.close());
  return store;
}
