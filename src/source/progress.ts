// How far a source came in things that lie in the order of their times: from when on it looks, what
// it has handed out, and what was acknowledged. What is kept across restarts never passes by
// anything that was not acknowledged; it may forget what was, and then that comes again.

import { PortcullisError } from '../errors/portcullis-error.ts';
import { own, type JsonObject } from '../model/json.ts';
import type { Checkpoints } from '../ports.ts';
import { sleep } from './pause.ts';

export type ProgressOptions = {
  readonly checkpoints: Checkpoints;
  /** Of the checkpoint. */
  readonly name: string;
  /** Where to begin when there is no checkpoint, in milliseconds since 1970. */
  readonly startMs: number;
  /** A checkpoint is not believed beyond it: what wrote it may have had a wrong clock. */
  readonly nowMs: number;
  readonly onFault: (fault: PortcullisError) => void;
  /** Acknowledged things that are remembered one by one. */
  readonly maxKept?: number;
};

type Open = { readonly timeMs: number; readonly attempt: number };

const defaultMaxKept = 10_000;
/** Writing takes at most one part in so many of the time, however much there is to write. */
const writingShare = 4;
const mostPauseMs = 250;

const never = new AbortController().signal;

export class Progress {
  readonly #options: ProgressOptions;
  /** Where listing goes on: everything older is handed out, or came too late. */
  #horizonMs: number;
  /** Acknowledged, by id, with its time. */
  readonly #done: Map<string, number>;
  /** Handed out, or given back and waiting to be handed out again. */
  readonly #open = new Map<string, Open>();
  /** Attempts of what was given back. */
  readonly #attempts: Map<string, number>;
  #writing: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;
  /** Between one write and the next. */
  #pauseMs = 0;

  private constructor(options: ProgressOptions, checkpoint: JsonObject | null) {
    this.#options = options;
    const fromMs = own(checkpoint, 'fromMs');
    this.#horizonMs =
      typeof fromMs === 'number' ? Math.min(fromMs, options.nowMs) : options.startMs;
    this.#done = numbersIn(own(checkpoint, 'done'));
    this.#attempts = numbersIn(own(checkpoint, 'attempts'));
  }

  /** Throws PortcullisError `source/not-noted` where the checkpoint cannot be read. */
  static async load(options: ProgressOptions): Promise<Progress> {
    try {
      return new Progress(options, await options.checkpoints.load(options.name));
    } catch (error) {
      throw notNoted(options.name, 'read', error);
    }
  }

  /** Nothing older needs to be looked for, in milliseconds since 1970. */
  get fromMs(): number {
    return this.#horizonMs;
  }

  /** Whether there is nothing to do about it: it is out of hand, in hand, or too old. */
  isKnown(id: string, timeMs: number): boolean {
    return timeMs < this.#horizonMs || this.#done.has(id) || this.#open.has(id);
  }

  /** It is handed out; gives which time this is, from 1. */
  begin(id: string, timeMs: number): number {
    const attempt = (this.#attempts.get(id) ?? 0) + 1;
    this.#open.set(id, { timeMs, attempt });
    return attempt;
  }

  /** It was not taken, so that it was not handed out after all. */
  forget(id: string): void {
    this.#open.delete(id);
  }

  /** Resolves once that is kept, or could not be. */
  async acknowledge(id: string): Promise<void> {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    this.#attempts.delete(id);
    this.#done.set(id, open.timeMs);
    await this.#save();
  }

  /** It waits to be handed out again, and stays in hand until then. Resolves like `acknowledge`. */
  async giveBack(id: string): Promise<void> {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#attempts.set(id, open.attempt);
    await this.#save();
  }

  /**
   * Everything up to a time was found and handed out. What appears later is found as long as it is
   * not older than that by more than `overlapMs`, or less where too much would be remembered.
   */
  passed(listedMs: number, overlapMs: number): void {
    this.#horizonMs = Math.max(this.#horizonMs, listedMs - overlapMs);
    const keptMs = this.#keptMs();
    this.#forgetBefore(keptMs);
    const { maxKept = defaultMaxKept } = this.#options;
    if (this.#done.size <= maxKept) return;
    // Without those a restart delivers some things again; with them memory would have no bound.
    this.#forgetBefore(this.#horizonMs);
    if (this.#done.size <= maxKept) return;
    const times = [...this.#done.values()].toSorted((a, b) => b - a);
    this.#horizonMs = Math.max(this.#horizonMs, Math.min(listedMs, (times[maxKept] ?? 0) + 1));
    this.#forgetBefore(this.#horizonMs);
  }

  #forgetBefore(timeMs: number): void {
    for (const [id, doneMs] of this.#done) if (doneMs < timeMs) this.#done.delete(id);
  }

  /** Where another process has to go on. */
  #keptMs(): number {
    let keptMs = this.#horizonMs;
    for (const { timeMs } of this.#open.values()) keptMs = Math.min(keptMs, timeMs);
    return keptMs;
  }

  /** One write at a time; what changes meanwhile goes together into the next one. */
  #save(): Promise<void> {
    this.#queued ??= this.#writing.then(async () => {
      if (this.#pauseMs >= 1) await sleep(this.#pauseMs, never);
      this.#queued = undefined;
      this.#writing = this.#write();
      await this.#writing;
    });
    return this.#queued;
  }

  async #write(): Promise<void> {
    const { checkpoints, name, onFault } = this.#options;
    const value = {
      fromMs: this.#keptMs(),
      done: Object.fromEntries(this.#done),
      attempts: Object.fromEntries(this.#attempts),
    };
    const start = performance.now();
    try {
      await checkpoints.save(name, value);
    } catch (error) {
      onFault(notNoted(name, 'kept', error));
    }
    this.#pauseMs = Math.min(mostPauseMs, (performance.now() - start) * writingShare);
  }
}

function numbersIn(value: unknown): Map<string, number> {
  const entries = Object.entries(typeof value === 'object' && value !== null ? value : {});
  return new Map(entries.filter((entry): entry is [string, number] => Number.isFinite(entry[1])));
}

function notNoted(name: string, verb: string, error: unknown): PortcullisError {
  const reason = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
  return new PortcullisError(
    'source/not-noted',
    `How far the source ${name} came could not be ${verb}: ${reason}.`,
    { cause: error },
  );
}
