// Finds what a scan reads: files, folders, globs, standard input and S3 prefixes. Inputs come as
// they are found, in a stable order, each file and object once; never is the whole list in memory,
// at most the names in one folder. What cannot be looked at becomes a problem, and the rest goes on.
// Local folders are read synchronously: to hand a look at a file to another thread takes many times as
// long as the look.

import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { catalogue } from '../errors/catalogue.ts';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Problem } from '../model/problem.ts';
import type { ObjectStore } from '../ports.ts';
import { folderVerdict, keyVerdict, type KeyFilter, type KeyVerdict } from './aws-layout.ts';
import { expandGlob, isGlob } from './expand-glob.ts';
import type { FileInput, Input } from './input.ts';
import { listObjects } from './list-objects.ts';
import { notReadable, systemCode } from './not-readable.ts';
import { PathSet } from './path-set.ts';
import { formatS3Address, isS3Address, parseS3Address } from './s3-address.ts';

export type FindInputsOptions = {
  readonly filter: KeyFilter;
  /** Called once, when the first `s3://` path is met; without it, such a path is a bad option. */
  readonly objectStore?: () => ObjectStore;
  readonly onProblem: (problem: Problem) => void;
};

/**
 * `paths` are files, folders (everything below, except hidden names and AWS's files of other
 * kinds), globs where no file has the very name, `-`, and `s3://bucket/prefix`.
 *
 * Throws PortcullisError: `usage/no-input` naming a path that matches nothing (found out before the
 * first input comes, as far as one look can tell); `usage/bad-option` for an unusable `s3://`
 * address; `s3/access`.
 */
export async function* findInputs(
  paths: readonly string[],
  options: FindInputsOptions,
): AsyncGenerator<Input, void, undefined> {
  const search = new Search(options);
  for (const path of paths) await search.check(path);
  for (const path of paths) {
    const metBefore = search.met;
    yield* search.below(path);
    if (search.met === metBefore) {
      throw new PortcullisError('usage/no-input', `There is nothing to read in ${path}.`, {
        place: path,
      });
    }
  }
  if (search.foreign > 0 && search.foreign === search.met) {
    throw new PortcullisError(
      'usage/no-input',
      `There are only digests or logs of other AWS services in ${paths.join(', ')}.`,
      { hint: 'Name the folder AWSLogs, or the folder CloudTrail of an account below it.' },
    );
  }
}

/** A file or folder under the names it is known by. */
type Place = {
  /** For people and for opening it. */
  readonly shown: string;
  /** Absolute, with `/`, through the links it was reached by: what the layout is read from. */
  readonly key: string;
  /** Absolute, without links: what it is recognized by. */
  readonly real: string;
};

type Looked = { readonly place: Place; readonly kind: 'file' | 'folder' | 'other'; size: number };

/** After so many looks, whatever else waits has its turn. */
const looksInARow = 512;

type OpenFolder = { readonly place: Place; readonly names: readonly string[]; next: number };

class Search {
  /** How many things were met, whatever became of them. */
  met = 0;
  /** How many of them are AWS's files and folders of other kinds. */
  foreign = 0;
  readonly #options: FindInputsOptions;
  readonly #seen = new PathSet();
  #store: ObjectStore | null = null;

  constructor(options: FindInputsOptions) {
    this.#options = options;
  }

  /** A first look, so that a slip in the last path ends the command before hours of reading. */
  async check(path: string): Promise<void> {
    if (path === '-') return;
    if (isS3Address(path)) {
      parseS3Address(path);
      this.#objectStore(path);
      return;
    }
    const named = presence(path);
    if (named === 'there') return;
    // What cannot be looked at is reported when its turn comes.
    let isUnknown = named === 'unknown';
    if (isGlob(path)) {
      for await (const _ of expandGlob(path, () => (isUnknown = true))) return;
    }
    if (!isUnknown) throw matchesNothing(path);
  }

  async *below(path: string): AsyncGenerator<Input, void, undefined> {
    if (path === '-') {
      if (this.#isNew('-')) yield { kind: 'stdin' };
    } else if (isS3Address(path)) {
      yield* this.#objects(path);
    } else if (isGlob(path) && presence(path) !== 'there') {
      const onUnreadable = (folder: string, error: unknown): void =>
        this.#report(notReadable(folder, error));
      for await (const match of expandGlob(path, onUnreadable)) yield* this.#named(match, true);
    } else {
      yield* this.#named(path, false);
    }
  }

  async *#objects(path: string): AsyncGenerator<Input, void, undefined> {
    const { filter } = this.#options;
    const { bucket, prefix } = parseS3Address(path);
    const found = listObjects(this.#objectStore(path), bucket, prefix, {
      filter,
      onSkippedFolder: (verdict) => this.#skip(verdict),
    });
    for await (const { key, sizeBytes } of found) {
      // Consoles write an empty object whose key ends in `/` to show an empty folder.
      const isMarker = key.endsWith('/');
      if (isMarker || isHidden(key.slice(prefix.length))) continue;
      const verdict = keyVerdict(filter, key);
      if (verdict !== 'take') {
        this.#skip(verdict);
      } else if (this.#isNew(formatS3Address(bucket, key))) {
        yield { kind: 's3', bucket, key, sizeBytes };
      }
    }
  }

  /** A file or folder that was given by its name or matched a glob. */
  async *#named(path: string, matchedGlob: boolean): AsyncGenerator<FileInput, void, undefined> {
    const looked = this.#look({ shown: path, key: resolve(path).replaceAll(sep, '/') }, () =>
      realpathSync.native(path),
    );
    if (looked === null) return;
    // Given by its name, a pipe is meant: `<(zcat logs.gz)`. Matched by chance, it could block.
    const isMeant = !matchedGlob && looked.kind === 'other';
    if (looked.kind === 'file' || isMeant) yield* this.#file(looked);
    else if (looked.kind === 'folder') yield* this.#walk(looked.place);
    else this.#report(notReadable(path, notAFile));
  }

  async *#walk(root: Place): AsyncGenerator<FileInput, void, undefined> {
    const open: OpenFolder[] = [];
    this.#enter(root, open);
    for (let looks = 1; ; looks += 1) {
      if (looks % looksInARow === 0) await setImmediate();
      const folder = open.at(-1);
      if (folder === undefined) return;
      const name = folder.names[folder.next];
      folder.next += 1;
      if (name === undefined) {
        open.pop();
        continue;
      }
      if (name.startsWith('.')) continue;
      const { shown, key, real } = folder.place;
      const looked = this.#look({ shown: join(shown, name), key: `${key}/${name}` }, (isLink) =>
        isLink ? realpathSync.native(join(shown, name)) : join(real, name),
      );
      if (looked === null) continue;
      if (looked.kind === 'folder') this.#enter(looked.place, open);
      else if (looked.kind === 'file') yield* this.#file(looked);
      else this.#report(notReadable(looked.place.shown, notAFile));
    }
  }

  /** Adds a folder to those being read, unless there is a reason not to read it. */
  #enter(place: Place, open: OpenFolder[]): void {
    const verdict = folderVerdict(this.#options.filter, `${place.key}/`);
    if (verdict !== 'take') {
      this.#skip(verdict);
    } else if (open.some((above) => above.place.real === place.real)) {
      this.#report(loop(place.shown));
    } else if (!this.#seen.add(place.real)) {
      this.met += 1;
    } else {
      try {
        open.push({ place, names: readdirSync(place.shown).toSorted(), next: 0 });
      } catch (error) {
        this.#report(notReadable(place.shown, error));
      }
    }
  }

  *#file({ place, size }: Looked): Generator<FileInput, void, undefined> {
    const verdict = keyVerdict(this.#options.filter, place.key);
    if (verdict !== 'take') {
      this.#skip(verdict);
    } else if (this.#isNew(place.real)) {
      yield { kind: 'file', path: place.shown, sizeBytes: size };
    }
  }

  /** What is at a path; null, and a problem reported, when that cannot be told. */
  #look(
    at: { readonly shown: string; readonly key: string },
    realPath: (isLink: boolean) => string,
  ): Looked | null {
    try {
      const own = lstatSync(at.shown);
      const isLink = own.isSymbolicLink();
      const stats = isLink ? statSync(at.shown) : own;
      const isFolder = stats.isDirectory();
      if (!isFolder && !stats.isFile()) {
        // The shell's pipes are links to names that are nowhere in the file system.
        return { place: { ...at, real: at.key }, kind: 'other', size: 0 };
      }
      const place = { ...at, real: realPath(isLink) };
      return isFolder
        ? { place, kind: 'folder', size: 0 }
        : { place, kind: 'file', size: stats.size };
    } catch (error) {
      this.#report(systemCode(error) === 'ELOOP' ? loop(at.shown) : notReadable(at.shown, error));
      return null;
    }
  }

  #objectStore(path: string): ObjectStore {
    const { objectStore } = this.#options;
    if (objectStore === undefined) {
      throw new PortcullisError('usage/bad-option', `${path} cannot be read here.`, {
        place: path,
        hint: 'Give the option objectStore to read from S3.',
      });
    }
    this.#store ??= objectStore();
    return this.#store;
  }

  /** Whether a file or object is met for the first time. */
  #isNew(identity: string): boolean {
    this.met += 1;
    return this.#seen.add(identity);
  }

  #skip(verdict: Exclude<KeyVerdict, 'take'>): void {
    this.met += 1;
    if (verdict === 'foreign') this.foreign += 1;
  }

  #report(problem: Problem): void {
    this.met += 1;
    this.#options.onProblem(problem);
  }
}

const notAFile = new Error('it is a pipe, a socket or a device');

function isHidden(path: string): boolean {
  return path.split('/').some((name) => name.startsWith('.'));
}

/** Whether something has the very name `path`; `unknown` where a look is not allowed. */
function presence(path: string): 'there' | 'missing' | 'unknown' {
  try {
    lstatSync(path);
    return 'there';
  } catch (error) {
    return meansMissing.has(systemCode(error) ?? '') ? 'missing' : 'unknown';
  }
}

// The last is what Node says to a name that holds a zero byte.
const meansMissing = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE']);

function loop(file: string): Problem {
  const { meaning, nextStep } = catalogue['input/loop'];
  return { code: 'input/loop', file, message: `${meaning} ${nextStep}` };
}

function matchesNothing(path: string): PortcullisError {
  return new PortcullisError('usage/no-input', `${path} matches nothing.`, { place: path });
}
