// An object store in memory that pages and answers as S3 does, and counts what it is asked.

import { PortcullisError } from '../../src/errors/portcullis-error.ts';
import type { ListPage, ObjectStore, StoredObject } from '../../src/ports.ts';

export type MemoryObjectStore = ObjectStore & {
  /** Every page asked for: its prefix, and `/` after a space for a listing by folder. */
  readonly asked: readonly string[];
  /** The most pages that were being made at once. */
  readonly mostAtOnce: () => number;
};

export type MemoryOptions = {
  readonly pageSize?: number;
  /** Waited for before each page is given. */
  readonly delay?: (prefix: string) => Promise<void>;
  /** Prefixes whose listing is refused. */
  readonly refused?: readonly string[];
};

export function memoryObjectStore(
  keys: Iterable<string>,
  { pageSize = 1000, delay = async () => {}, refused = [] }: MemoryOptions = {},
): MemoryObjectStore {
  const sorted = [...new Set(keys)].toSorted();
  const asked: string[] = [];
  let now = 0;
  let most = 0;
  return {
    asked,
    mostAtOnce: () => most,
    async listPage(_bucket, prefix, { byFolder, page, startAfter, signal }) {
      asked.push(byFolder ? `${prefix} /` : prefix);
      now += 1;
      most = Math.max(most, now);
      await delay(prefix);
      now -= 1;
      signal?.throwIfAborted();
      if (refused.includes(prefix)) throw new PortcullisError('s3/access', `${prefix} is refused`);
      const after = startAfter === undefined ? sorted : sorted.filter((key) => key > startAfter);
      return pageOf(levelOf(after, prefix, byFolder), Number(page ?? 0), pageSize);
    },
    async *read(_bucket, key) {
      yield new TextEncoder().encode(key);
    },
  };
}

/** Keys, and folders with their final `/`, in order and each once. */
function levelOf(sorted: readonly string[], prefix: string, byFolder: boolean): string[] {
  const below = sorted.filter((key) => key.startsWith(prefix));
  if (!byFolder) return below;
  const level = below.map((key) => {
    const slash = key.indexOf('/', prefix.length);
    return slash === -1 ? key : `${key.slice(0, slash + 1)}\0folder`;
  });
  return [...new Set(level)];
}

function pageOf(level: readonly string[], start: number, pageSize: number): ListPage {
  const objects: StoredObject[] = [];
  const folders: string[] = [];
  for (const entry of level.slice(start, start + pageSize)) {
    if (entry.endsWith('\0folder')) folders.push(entry.slice(0, -'\0folder'.length));
    else objects.push({ key: entry, sizeBytes: entry.length });
  }
  const next = start + pageSize;
  return { objects, folders, nextPage: next < level.length ? String(next) : null };
}
