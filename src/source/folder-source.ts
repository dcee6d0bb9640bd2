// Deliveries from a local folder that grows. A file is delivered once it is whole, that is, renamed
// into place or not written to for a moment; when it changes after that, it is delivered again.
// Where the system tells of changes the source is quick; it does not depend on it.

import { createReadStream, type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';

import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Checkpoints, Clock, Delivery, DeliverySource } from '../ports.ts';
import { folderVerdict, keyVerdict, wantEverything } from './aws-layout.ts';
import { FolderWatch } from './folder-watch.ts';
import type { Put } from './gather.ts';
import { HandOut } from './hand-out.ts';
import { systemCode } from './not-readable.ts';
import { Backoff, requestBackoff, sleep } from './pause.ts';
import { polledSource, type SourceRun } from './polled-source.ts';
import { Progress } from './progress.ts';

export type FolderSourceOptions = {
  readonly name: string;
  /** Everything below it is delivered, except hidden and temporary names, and digests. */
  readonly folder: string;
  readonly checkpoints: Checkpoints;
  /** Told of every look that failed; the source goes on by itself. */
  readonly onFault?: (fault: PortcullisError) => void;
  readonly clock?: Clock;
  /** Files that came or changed from then on; all when absent. Counts where there is no checkpoint. */
  readonly sinceMs?: number;
  /** A file that was not written to for so long is whole. */
  readonly settleMs?: number;
  /** How often all of the folder is looked at; less often where that takes long. */
  readonly relistMs?: number;
  /** Of more files than twice so many, those that came first are handed out before the rest is found. */
  readonly foundAtOnce?: number;
  readonly firstReturnMs?: number;
  readonly mostReturnMs?: number;
};

/** A file's own times tell when it came; this much the clocks of a network drive may differ. */
const overlapMs = 3_600_000;
/** Of the time, looking at everything may take one part in so many. */
const relistShare = 20;
const passedEvery = 1_000;
/** Changes come in groups. */
const togetherMs = 20;
/** Names under which programs write what they rename when it is whole. */
const temporary = /^\.|~$|\.(?:tmp|temp|part|partial|crdownload|swp)$/i;

export function createFolderSource(options: FolderSourceOptions): DeliverySource {
  return polledSource(options.name, (put, signal) => new Watch(options, put, signal));
}

type FoundFile = {
  readonly path: string;
  readonly sizeBytes: number;
  /** Of its contents. */
  readonly writtenMs: number;
  /** When it got here under this name, or changed. */
  readonly cameMs: number;
};

type Unsettled = FoundFile & { readonly sinceMs: number };

/** One run of the source. */
class Watch implements SourceRun {
  readonly #options: FolderSourceOptions;
  readonly #root: string;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #handOut: HandOut;
  readonly #watch = new FolderWatch(() => this.#wake());
  /** Files that may still be written to, with the time since when they look as they do. */
  readonly #unsettled = new Map<string, Unsettled>();
  /** Folders that could not be read and were reported. */
  readonly #reported = new Set<string>();
  #found: FoundFile[] = [];
  #isCut = false;
  #hasLooked = false;
  #wake = (): void => {};

  constructor(options: FolderSourceOptions, put: Put<Delivery>, signal: AbortSignal) {
    const { clock = Date.now, firstReturnMs = 5_000, mostReturnMs = 900_000 } = options;
    this.#options = options;
    this.#root = resolve(options.folder);
    this.#signal = signal;
    this.#clock = clock;
    this.#handOut = new HandOut(put, { clock, firstReturnMs, mostReturnMs });
  }

  async run(): Promise<void> {
    try {
      await Promise.all([this.#handOut.offerAgain(this.#signal), this.#look()]);
    } finally {
      this.#watch.close();
    }
  }

  lagSeconds(): number | null {
    return this.#hasLooked ? this.#handOut.lagSeconds() : null;
  }

  async #look(): Promise<void> {
    const { settleMs = 1_000, relistMs = 10_000 } = this.#options;
    const backoff = new Backoff(requestBackoff);
    let progress: Progress | undefined;
    let relistAt = -Infinity;
    while (!this.#signal.aborted) {
      const changed = this.#watch.take();
      this.#isCut = false;
      const looksAtAll = changed === null || performance.now() >= relistAt;
      const startMs = this.#clock();
      const start = performance.now();
      try {
        progress ??= await this.#loadProgress();
        const paths = looksAtAll ? [this.#root] : [...changed, ...this.#unsettled.keys()];
        for (const path of paths) await this.#visit(path, progress, false);
      } catch (error) {
        if (!(error instanceof PortcullisError)) throw error;
        this.#options.onFault?.(error);
        await sleep(Math.min(relistMs, backoff.next()), this.#signal);
        continue;
      }
      backoff.reset();
      if (looksAtAll) {
        relistAt = start + Math.max(relistMs, relistShare * (performance.now() - start));
      }
      await this.#offerFound(progress, looksAtAll ? startMs : null);
      if (this.#isCut) relistAt = -Infinity;
      this.#hasLooked = true;
      const settlesAt = this.#unsettled.size > 0 ? performance.now() + settleMs / 2 : Infinity;
      await this.#untilChange(Math.min(relistAt, settlesAt) - performance.now());
    }
  }

  #loadProgress(): Promise<Progress> {
    const { name, checkpoints, sinceMs = 0, onFault = () => {} } = this.#options;
    const nowMs = this.#clock();
    return Progress.load({ checkpoints, name, startMs: sinceMs, nowMs, onFault });
  }

  /** Looks at a file, or at a folder and all below it. Throws where the root cannot be read. */
  async #visit(path: string, progress: Progress, isLink: boolean): Promise<void> {
    if (this.#signal.aborted || (path !== this.#root && temporary.test(basename(path)))) return;
    const key = path.split(sep).join('/');
    try {
      const stats = await stat(path);
      if (stats.isDirectory()) {
        // A link to a folder may lead back here.
        if (isLink || folderVerdict(wantEverything, `${key}/`) !== 'take') return;
        // First watch, then look: what comes in between is seen twice and not missed.
        this.#watch.add(path, stats.mtimeMs);
        for (const entry of await readdir(path, { withFileTypes: true })) {
          await this.#visit(join(path, entry.name), progress, entry.isSymbolicLink());
        }
      } else if (stats.isFile() && keyVerdict(wantEverything, key) === 'take') {
        this.#consider(path, stats, progress);
      }
      this.#reported.delete(path);
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      if (path === this.#root) throw notReadable(path, error);
      this.#unsettled.delete(path);
      // Between a look and the next, files and folders go.
      if (systemCode(error) === 'ENOENT' || this.#reported.has(path)) return;
      this.#reported.add(path);
      this.#options.onFault?.(notReadable(path, error));
    }
  }

  #consider(path: string, stats: Stats, progress: Progress): void {
    const { settleMs = 1_000 } = this.#options;
    const file: FoundFile = {
      path,
      sizeBytes: stats.size,
      writtenMs: stats.mtimeMs,
      cameMs: Math.max(stats.mtimeMs, stats.ctimeMs),
    };
    if (progress.isKnown(this.#progressKey(file), file.cameMs)) {
      this.#unsettled.delete(path);
      return;
    }
    const nowMs = this.#clock();
    const known = this.#unsettled.get(path);
    const isSame = known?.sizeBytes === file.sizeBytes && known.writtenMs === file.writtenMs;
    const sinceMs = isSame ? known.sinceMs : nowMs;
    if (nowMs - file.writtenMs >= settleMs || nowMs - sinceMs >= settleMs) {
      this.#unsettled.delete(path);
      this.#keep(file);
    } else {
      this.#unsettled.set(path, { ...file, sinceMs });
    }
  }

  /** Of very many files the ones that came first; the others are found the next time. */
  #keep(file: FoundFile): void {
    const { foundAtOnce = 20_000 } = this.#options;
    this.#found.push(file);
    if (this.#found.length < foundAtOnce * 2) return;
    this.#found = this.#found.toSorted(inOrder).slice(0, foundAtOnce);
    this.#isCut = true;
  }

  /** @param listedMs when the look at everything began; null when it was not at everything */
  async #offerFound(progress: Progress, listedMs: number | null): Promise<void> {
    const found = this.#found.toSorted(inOrder);
    const unsettledMs = Math.min(...Array.from(this.#unsettled.values(), ({ cameMs }) => cameMs));
    this.#found = [];
    for (const [index, file] of found.entries()) {
      const { path, cameMs } = file;
      const key = this.#progressKey(file);
      const read = (signal: AbortSignal): AsyncIterable<Uint8Array> =>
        createReadStream(path, { signal });
      const parts = [{ name: path, read }];
      const id = `${path} ${versionOf(file)}`;
      const body = path;
      await this.#handOut.offer({ id, name: path, timeMs: cameMs, parts, body, progress, key });
      if (this.#signal.aborted) return;
      // Of a long list, what is done is left behind on the way. Times of files may be in the future.
      if (listedMs !== null && index % passedEvery === passedEvery - 1) {
        progress.passed(Math.min(cameMs, unsettledMs, listedMs), overlapMs);
      }
    }
    if (listedMs === null) return;
    const cutMs = this.#isCut ? (found.at(-1)?.cameMs ?? 0) : Infinity;
    progress.passed(Math.min(listedMs, unsettledMs, cutMs), overlapMs);
  }

  #progressKey(file: FoundFile): string {
    return `${relative(this.#root, file.path)} ${versionOf(file)}`;
  }

  /** Waits for so long, for a change, or for the end; after a change until others came with it. */
  async #untilChange(durationMs: number): Promise<void> {
    if (!this.#watch.hasChanges) await this.#untilWoken(durationMs);
    if (this.#watch.hasChanges) await sleep(togetherMs, this.#signal);
  }

  #untilWoken(durationMs: number): Promise<void> {
    return new Promise((done) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#signal.removeEventListener('abort', end);
        this.#wake = () => {};
        done();
      };
      const timer = setTimeout(end, Math.max(0, durationMs));
      this.#signal.addEventListener('abort', end);
      this.#wake = end;
      if (this.#signal.aborted) end();
    });
  }
}

function notReadable(path: string, error: unknown): PortcullisError {
  const reason = systemCode(error) === 'ENOENT' ? 'it is not there' : String(error);
  return new PortcullisError('source/not-readable', `${path} cannot be looked at: ${reason}.`, {
    place: path,
    cause: error,
  });
}

function inOrder(a: FoundFile, b: FoundFile): number {
  return a.cameMs - b.cameMs || (a.path < b.path ? -1 : 1);
}

/** What tells one state of a file from another. */
function versionOf({ sizeBytes, writtenMs }: FoundFile): string {
  return `${sizeBytes} ${writtenMs}`;
}
