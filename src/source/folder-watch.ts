// Tells which names changed in the folders that are worth watching: those where something changed
// last. It is a help to be quick, never relied upon: systems limit it, and network drives lack it.

import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

/** Each costs the system a little; a trail writes into as many folders as it has regions. */
const defaultMaxWatched = 512;
/** More names than this are not kept: everything is looked at instead. */
const maxNames = 10_000;

type Watched = { readonly watcher: FSWatcher; changedMs: number };

export class FolderWatch {
  readonly #watched = new Map<string, Watched>();
  readonly #names = new Set<string>();
  readonly #onChange: () => void;
  readonly #maxWatched: number;
  #isIncomplete = false;

  /** @param onChange called whenever there is something to take */
  constructor(onChange: () => void, maxWatched = defaultMaxWatched) {
    this.#onChange = onChange;
    this.#maxWatched = maxWatched;
  }

  /**
   * Watches a folder, but not what is below its folders. Where there are too many, the one that
   * changed least recently is watched no more.
   */
  add(folder: string, changedMs: number): void {
    const known = this.#watched.get(folder);
    if (known !== undefined) {
      known.changedMs = changedMs;
      return;
    }
    if (this.#watched.size >= this.#maxWatched) {
      const [oldest, oldestMs] = this.#oldest();
      if (changedMs <= oldestMs) return;
      this.#drop(oldest);
    }
    let watcher: FSWatcher;
    try {
      watcher = watch(folder, { persistent: false });
    } catch {
      return;
    }
    watcher.on('change', (_event, name) => this.#changed(folder, name));
    watcher.on('error', () => this.#drop(folder));
    this.#watched.set(folder, { watcher, changedMs });
  }

  /** Whether there is something to take. */
  get hasChanges(): boolean {
    return this.#isIncomplete || this.#names.size > 0;
  }

  /** The paths that changed since the last time; null where only looking at everything tells. */
  take(): readonly string[] | null {
    const names = this.#isIncomplete ? null : [...this.#names];
    this.#isIncomplete = false;
    this.#names.clear();
    return names;
  }

  close(): void {
    for (const folder of this.#watched.keys()) this.#drop(folder);
  }

  #changed(folder: string, name: string | Buffer | null): void {
    if (name === null || this.#names.size >= maxNames) this.#isIncomplete = true;
    else this.#names.add(join(folder, String(name)));
    this.#onChange();
  }

  #oldest(): readonly [string, number] {
    let oldest = '';
    let oldestMs = Infinity;
    for (const [folder, { changedMs }] of this.#watched) {
      if (changedMs >= oldestMs) continue;
      oldest = folder;
      oldestMs = changedMs;
    }
    return [oldest, oldestMs];
  }

  #drop(folder: string): void {
    this.#watched.get(folder)?.watcher.close();
    this.#watched.delete(folder);
  }
}
