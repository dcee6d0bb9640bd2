// From deliveries to committed state: reads what sources hand out, brings it into the store in batches,
// and acknowledges it only once that is committed. Whatever is killed, what was not acknowledged comes
// again and changes nothing twice. A batch is what came in while the one before was being committed, and
// what comes in without a pause; nothing waits for a batch to fill.

import { setImmediate } from 'node:timers/promises';
import type { LogMatcher } from './detect/log-rules/log-matcher.ts';
import { RecordScanner } from './decode/record-scanner.ts';
import { PortcullisError } from './errors/portcullis-error.ts';
import { ingest, type IngestOptions } from './live/ingest.ts';
import type { Problem } from './model/problem.ts';
import type { DeadLetter, Notice } from './model/stored.ts';
import type { Clock, Delivery, DeliverySource, Store } from './ports.ts';
import { readStream, type InputReading } from './scan-input.ts';
import { wantEverything } from './source/aws-layout.ts';
import { Backoff, sleep } from './source/pause.ts';

export type WatcherOptions = {
  readonly store: Store;
  readonly sources: readonly DeliverySource[];
  /** Asked for each batch: suppressions come and go. */
  readonly ingest: () => IngestOptions;
  /** Names of the calls that can matter; null looks at all. */
  readonly eventNames: ReadonlySet<string> | null;
  readonly matcher: LogMatcher | null;
  /** Keeps what could not be read for a person to look at. Called before it is acknowledged. */
  readonly keepDeadLetter: (letter: DeadLetter) => Promise<void>;
  /** Must not throw. */
  readonly onEvent?: (event: WatchEvent) => void;
  readonly clock?: Clock;
  /** Times that a delivery is tried before it is put aside. */
  readonly mostAttempts?: number;
  /** Deliveries that are committed together at most. */
  readonly batchSize?: number;
  /** Deliveries of one source that are read and not yet acknowledged, at most. */
  readonly inHand?: number;
  /** Unpacked bytes per packed byte above which something is a bomb. */
  readonly maxRatio?: number;
  /** After the end was asked for, what is in hand has so long to be committed. */
  readonly drainSeconds?: number;
};

export type WatchEvent =
  | {
      readonly kind: 'committed';
      readonly deliveries: readonly { readonly source: string; readonly receivedMs: number }[];
      readonly totals: readonly InputReading['totals'][];
      readonly newChanges: number;
      readonly notices: readonly Notice[];
      readonly committedMs: number;
    }
  | { readonly kind: 'problem'; readonly source: string; readonly problem: Problem }
  | { readonly kind: 'put-aside'; readonly letter: DeadLetter }
  | { readonly kind: 'given-back'; readonly source: string; readonly delivery: string }
  | { readonly kind: 'commit-failed'; readonly error: unknown; readonly retryInMs: number };

/** One delivery with what it held. */
type Read = {
  readonly source: string;
  readonly delivery: Delivery;
  readonly readings: readonly InputReading[];
};

const defaults = {
  mostAttempts: 5,
  batchSize: 500,
  inHand: 1000,
  maxRatio: 1000,
  drainSeconds: 20,
};

/** The database does not answer, or has no room: the deliveries are not to blame, and wait. */
const storeCodes = new Set([
  'store/unavailable',
  'store/unknown-outcome',
  'store/locked',
  'store/full',
]);
/** How long deliveries that come in without a pause are gathered, in milliseconds. */
const gatherMs = 20;
/** Tries of a batch before each of its deliveries is tried for itself. */
const batchTries = 3;

export class Watcher {
  readonly #options: Required<Omit<WatcherOptions, 'onEvent'>>;
  readonly #tell: (event: WatchEvent) => void;
  readonly #queue: Read[] = [];
  /** Called when something came into the queue, or all sources have ended. */
  #wake: () => void = () => undefined;
  #reading = 0;

  constructor({ onEvent, ...options }: WatcherOptions) {
    this.#options = { clock: Date.now, ...defaults, ...options };
    this.#tell = onEvent ?? (() => undefined);
  }

  /**
   * Runs until the signal says so, or until all sources have ended; resolves when what was in hand is
   * committed or given back. Rejects where a source fails for good.
   */
  async run(signal: AbortSignal): Promise<void> {
    const drained = new AbortController();
    const failed = new AbortController();
    const startDrain = (): void => {
      const timer = setTimeout(() => drained.abort(), this.#options.drainSeconds * 1000);
      timer.unref();
    };
    signal.addEventListener('abort', startDrain, { once: true });
    if (signal.aborted) startDrain();
    const ending = AbortSignal.any([signal, failed.signal]);
    this.#reading = this.#options.sources.length;
    const sources = this.#options.sources.map((source) =>
      this.#readSource(source, ending, drained.signal)
        .catch((error: unknown) => {
          failed.abort();
          throw error;
        })
        .finally(() => {
          this.#reading -= 1;
          this.#wake();
        }),
    );
    try {
      const committing = this.#commitAll(drained.signal).catch((error: unknown) => {
        failed.abort();
        throw error;
      });
      const settled = await Promise.allSettled([...sources, committing]);
      const failure = settled.find((one) => one.status === 'rejected');
      if (failure !== undefined) throw failure.reason;
    } finally {
      signal.removeEventListener('abort', startDrain);
    }
  }

  async #readSource(
    source: DeliverySource,
    signal: AbortSignal,
    drained: AbortSignal,
  ): Promise<void> {
    const scanner = new RecordScanner({ eventNames: this.#options.eventNames });
    const held = new Held(this.#options.inHand, signal);
    for await (const delivery of source.deliveries(signal)) {
      await held.room();
      const readings: InputReading[] = [];
      for (const part of delivery.parts) {
        const pieces = part.read(drained);
        readings.push(
          await readStream(part.name, pieces, scanner, this.#options.matcher, {
            filter: wantEverything,
            maxRatio: this.#options.maxRatio,
          }),
        );
      }
      if (drained.aborted) {
        await this.#giveBack({ source: source.name, delivery, readings });
        continue;
      }
      held.add();
      this.#queue.push({ source: source.name, delivery: held.releasing(delivery), readings });
      this.#wake();
    }
  }

  async #commitAll(drained: AbortSignal): Promise<void> {
    for (;;) {
      while (this.#queue.length === 0) {
        if (this.#reading === 0) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      await this.#gather();
      await this.#commit(this.#queue.splice(0, this.#options.batchSize), drained);
    }
  }

  /** Lets sources hand out what they have: a transaction costs about the same for one and for many. */
  async #gather(): Promise<void> {
    const deadlineMs = performance.now() + gatherMs;
    for (let before = 0; before < this.#queue.length;) {
      before = this.#queue.length;
      if (before >= this.#options.batchSize || performance.now() > deadlineMs) return;
      await setImmediate();
    }
  }

  async #commit(batch: readonly Read[], drained: AbortSignal): Promise<void> {
    const backoff = new Backoff({ firstMs: 100, mostMs: 10_000 });
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#ingest(batch);
        break;
      } catch (error) {
        const isStores = error instanceof PortcullisError && storeCodes.has(error.code);
        if (drained.aborted) {
          await Promise.all(batch.map((read) => this.#giveBack(read)));
          return;
        }
        if (!isStores && tries >= batchTries) {
          await this.#commitEach(batch, error, drained);
          return;
        }
        const retryInMs = backoff.next();
        this.#tell({ kind: 'commit-failed', error, retryInMs });
        await sleep(retryInMs, drained);
      }
    }
    await Promise.all(batch.map((read) => this.#conclude(read)));
  }

  /** One delivery that cannot be brought in must not keep the others out. */
  async #commitEach(batch: readonly Read[], error: unknown, drained: AbortSignal): Promise<void> {
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) {
      await this.#putAsideOrGiveBack(only, error instanceof Error ? error.message : String(error));
      return;
    }
    for (const read of batch) await this.#commit([read], drained);
  }

  async #ingest(batch: readonly Read[]): Promise<void> {
    const readings = batch.flatMap((read) => read.readings);
    const { clock, store } = this.#options;
    const { newChanges, notices } = await ingest(
      store,
      {
        changes: readings.flatMap(({ changes }) => changes),
        undetermined: readings.flatMap(({ undetermined }) => undetermined),
        matches: readings.flatMap(({ matches }) => matches),
        receivedMs: clock(),
      },
      this.#options.ingest(),
    );
    this.#tell({
      kind: 'committed',
      deliveries: batch.map(({ source, delivery }) => ({
        source,
        receivedMs: delivery.receivedMs,
      })),
      totals: readings.map(({ totals }) => totals),
      newChanges,
      notices,
      committedMs: clock(),
    });
  }

  /** What it held is committed; what of it could not be read is tried again, or kept. */
  async #conclude(read: Read): Promise<void> {
    const problems = read.readings.flatMap((reading) => reading.problems);
    for (const problem of problems) {
      this.#tell({ kind: 'problem', source: read.source, problem });
    }
    const [first] = problems;
    if (first === undefined) await read.delivery.acknowledge();
    else await this.#putAsideOrGiveBack(read, `${first.code}: ${first.message}`);
  }

  async #putAsideOrGiveBack(read: Read, reason: string): Promise<void> {
    const { delivery, source } = read;
    if (delivery.attempt < this.#options.mostAttempts) {
      await this.#giveBack(read);
      return;
    }
    const letter: DeadLetter = {
      source,
      messageId: delivery.id,
      body: delivery.body(),
      reason,
      receivedMs: delivery.receivedMs,
      attempts: delivery.attempt,
    };
    try {
      await this.#options.keepDeadLetter(letter);
    } catch (error) {
      this.#tell({ kind: 'commit-failed', error, retryInMs: 0 });
      await this.#giveBack(read);
      return;
    }
    await delivery.acknowledge();
    this.#tell({ kind: 'put-aside', letter });
  }

  async #giveBack({ source, delivery }: Read): Promise<void> {
    await delivery.giveBack();
    this.#tell({ kind: 'given-back', source, delivery: delivery.name });
  }
}

/** Counts the deliveries of one source that are in hand, and waits where they are too many. */
class Held {
  readonly #most: number;
  readonly #signal: AbortSignal;
  #count = 0;
  #release: () => void = () => undefined;

  constructor(most: number, signal: AbortSignal) {
    this.#most = most;
    this.#signal = signal;
    signal.addEventListener('abort', () => {
      this.#release();
    });
  }

  /** Resolves as soon as there is room, or the end is asked for. */
  async room(): Promise<void> {
    while (this.#count >= this.#most && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#release = resolve;
      });
    }
  }

  add(): void {
    this.#count += 1;
  }

  /** The delivery, which gives its place up when it is done with. */
  releasing(delivery: Delivery): Delivery {
    const done = (): void => {
      this.#count -= 1;
      this.#release();
    };
    return {
      id: delivery.id,
      name: delivery.name,
      attempt: delivery.attempt,
      receivedMs: delivery.receivedMs,
      parts: delivery.parts,
      body: () => delivery.body(),
      acknowledge: () => delivery.acknowledge().finally(done),
      giveBack: () => delivery.giveBack().finally(done),
    };
  }
}
