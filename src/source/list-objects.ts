// Lists the objects below a prefix in the order of their keys, several requests at a time and ahead
// of whoever reads them, and passes by whole folders that can hold nothing wanted.
// The waiting line below always holds what is still to come, in order; memory stays bounded.

import type { ListPage, ObjectStore, StoredObject } from '../ports.ts';
import { folderVerdict, listingOf, type KeyFilter, type KeyVerdict } from './aws-layout.ts';

export type ListObjectsOptions = {
  readonly filter: KeyFilter;
  /** Told of each folder that was passed by. */
  readonly onSkippedFolder: (verdict: Exclude<KeyVerdict, 'take'>) => void;
};

/** Requests under way at once. S3 answers 5,500 a second for a prefix; latency is what counts. */
const PARALLEL_LISTINGS = 16;

/** No further pages are fetched ahead while this many objects wait to be taken. */
const MAX_WAITING_OBJECTS = 10_000;

/** In a layout that is not AWS's, folders are looked into this deep before listing all keys flat. */
const MAX_UNKNOWN_LEVELS = 3;

type Entry = Objects | Listing | Failure;
type Objects = { readonly kind: 'objects'; readonly objects: readonly StoredObject[] };
type Failure = { readonly kind: 'failure'; readonly error: unknown };
type Listing = {
  readonly kind: 'listing';
  readonly prefix: string;
  readonly page: string | null;
  readonly byFolder: boolean;
  /** Levels of unknown layout above this one. */
  readonly unknownLevels: number;
  /** Settles, and never rejects, once the entry has been replaced by what it listed. */
  underWay: Promise<void> | null;
};

/** Ends its requests when the loop over it is left. Throws what `store.listPage` throws. */
export async function* listObjects(
  store: ObjectStore,
  bucket: string,
  prefix: string,
  { filter, onSkippedFolder }: ListObjectsOptions,
): AsyncGenerator<StoredObject, void, undefined> {
  const ofAll = folderVerdict(filter, prefix);
  if (ofAll !== 'take') {
    onSkippedFolder(ofAll);
    return;
  }
  const abort = new AbortController();
  const line: Entry[] = [listingFor(filter, prefix, 0)];
  let requests = 0;
  let waitingObjects = 0;

  const start = (listing: Listing): void => {
    requests += 1;
    const { page, byFolder } = listing;
    listing.underWay = store
      .listPage(bucket, listing.prefix, { page, byFolder, signal: abort.signal })
      .then(
        (answer) => replace(listing, arrange(listing, answer)),
        (error: unknown) => replace(listing, [{ kind: 'failure', error }]),
      );
  };

  const replace = (listing: Listing, entries: readonly Entry[]): void => {
    requests -= 1;
    for (const entry of entries) {
      if (entry.kind === 'objects') waitingObjects += entry.objects.length;
    }
    line.splice(line.indexOf(listing), 1, ...entries);
    startNext();
  };

  const startNext = (): void => {
    if (abort.signal.aborted) return;
    for (const [index, entry] of line.entries()) {
      const isAhead = index > 0;
      if (requests >= PARALLEL_LISTINGS || (isAhead && waitingObjects > MAX_WAITING_OBJECTS)) break;
      if (entry.kind === 'listing' && entry.underWay === null) start(entry);
    }
  };

  /** What a page brings, in the order of the keys. */
  const arrange = (listing: Listing, answer: ListPage): Entry[] => {
    const { unknownLevels, byFolder } = listing;
    const isUnknown = listingOf(filter, listing.prefix) === 'unknown';
    // A level that does not fit a page, in a layout nobody knows: a request for each of its folders
    // could be far more than listing all keys.
    if (byFolder && isUnknown && listing.page === null && answer.nextPage !== null) {
      return [{ ...listing, byFolder: false, underWay: null }];
    }
    const entries: Entry[] = [];
    let run: StoredObject[] = [];
    const endRun = (): void => {
      if (run.length > 0) entries.push({ kind: 'objects', objects: run });
      run = [];
    };
    for (const found of inKeyOrder(answer)) {
      if (typeof found !== 'string') {
        run.push(found);
        continue;
      }
      const verdict = folderVerdict(filter, found);
      if (verdict === 'take') {
        endRun();
        entries.push(listingFor(filter, found, isUnknown ? unknownLevels + 1 : 0));
      } else {
        onSkippedFolder(verdict);
      }
    }
    endRun();
    if (answer.nextPage !== null) {
      entries.push({ ...listing, page: answer.nextPage, underWay: null });
    }
    return entries;
  };

  try {
    startNext();
    for (;;) {
      const [head] = line;
      if (head === undefined) return;
      switch (head.kind) {
        case 'failure':
          throw head.error;
        case 'listing':
          await head.underWay;
          break;
        case 'objects':
          line.shift();
          waitingObjects -= head.objects.length;
          startNext();
          yield* head.objects;
          break;
        default:
          head satisfies never;
      }
    }
  } finally {
    abort.abort();
  }
}

function keyOf(found: StoredObject | string): string {
  return typeof found === 'string' ? found : found.key;
}

function inKeyOrder({ objects, folders }: ListPage): readonly (StoredObject | string)[] {
  if (folders.length === 0) return objects;
  return [...objects, ...folders].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function listingFor(filter: KeyFilter, prefix: string, unknownLevels: number): Listing {
  const how = listingOf(filter, prefix);
  const byFolder = how === 'levels' || (how === 'unknown' && unknownLevels < MAX_UNKNOWN_LEVELS);
  return { kind: 'listing', prefix, page: null, byFolder, unknownLevels, underWay: null };
}
