// The store that commands about signals and suppressions look into: the one that `watch` and `serve`
// keep, found in the same way.

import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { Who } from '../model/desk.ts';
import type { OpenStore } from '../store/open-store.ts';

export type StoreFlags = { readonly store?: string; readonly config?: string };

export function withStoreOptions(command: Command): Command {
  return command
    .option('--store <address>', 'a path, or postgres://USER@HOST/DATABASE')
    .option('--config <file>', 'the configuration; else PORTCULLIS_CONFIG, portcullis.yaml');
}

/** @throws PortcullisError `store/cannot-open` and its like; a file is not made */
export async function withStore<T>(
  { store: address, config: file }: StoreFlags,
  work: (store: OpenStore) => Promise<T>,
  mustExist = true,
): Promise<T> {
  const [{ flagSettings, loadConfig }, { openStore }] = await Promise.all([
    import('../config/load-config.ts'),
    import('../store/open-store.ts'),
  ]);
  const config = await loadConfig({
    ...(file === undefined ? {} : { file }),
    flags: flagSettings([{ flag: '--store', path: ['store', 'address'], value: address }]),
  });
  const store = await openStore(config.store.address, { mustExist });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** For the audit log: the person at the terminal, as the system knows them. */
export function whoIsHere(): Who {
  return { actor: userName(), from: 'command line' };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user without a name.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
