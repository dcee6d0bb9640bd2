// Hands out what a source found, each with its attempts, and once more after a while when it is
// given back. For sources that have no queue which would do that for them.

import type { Clock, Delivery, DeliveryPart } from '../ports.ts';
import { boundedBody } from './body-text.ts';
import type { Put } from './gather.ts';
import { grown } from './pause.ts';
import type { Progress } from './progress.ts';

/** Something that was found. */
export type Found = {
  /** Unique in its source. */
  readonly id: string;
  readonly name: string;
  /** Its place in the order of `progress`, in milliseconds since 1970. */
  readonly timeMs: number;
  readonly parts: readonly DeliveryPart[];
  readonly body: string;
  readonly progress: Progress;
  /** What it is called there. */
  readonly key: string;
};

export type HandOutOptions = {
  /** What is given back for the first time comes again after so long, later it takes longer. */
  readonly firstReturnMs: number;
  readonly mostReturnMs: number;
  readonly clock: Clock;
};

type Return = { readonly found: Found; readonly dueMs: number };

export class HandOut {
  readonly #options: HandOutOptions;
  readonly #put: Put<Delivery>;
  readonly #returns: Return[] = [];
  /** What nobody has taken yet. */
  readonly #offered = new Set<Found>();
  #wake = (): void => {};

  constructor(put: Put<Delivery>, options: HandOutOptions) {
    this.#put = put;
    this.#options = options;
  }

  /** Resolves once somebody took it, or nobody will any more. */
  async offer(found: Found): Promise<void> {
    const { progress, key, timeMs } = found;
    const attempt = progress.begin(key, timeMs);
    this.#offered.add(found);
    const wasTaken = await this.#put(this.#delivery(found, attempt));
    this.#offered.delete(found);
    if (!wasTaken) progress.forget(key);
  }

  /** Offers what was given back, each when its time has come, until the signal ends it. */
  async offerAgain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const index = this.#returns.findIndex(({ dueMs }) => dueMs <= performance.now());
      const [due] = index === -1 ? [] : this.#returns.splice(index, 1);
      if (due === undefined) await this.#untilNext(signal);
      else await this.offer(due.found);
    }
  }

  /** Seconds by which the oldest that waits to be taken lies back; 0 when nothing waits. */
  lagSeconds(): number {
    const times = Array.from(this.#offered, ({ timeMs }) => timeMs);
    return times.length === 0
      ? 0
      : Math.max(0, (this.#options.clock() - Math.min(...times)) / 1000);
  }

  #delivery(found: Found, attempt: number): Delivery {
    const { id, name, timeMs, parts, body, progress, key } = found;
    const { firstReturnMs, mostReturnMs } = this.#options;
    let isSettled = false;
    const once = async (settle: () => Promise<void>): Promise<void> => {
      if (isSettled) return;
      isSettled = true;
      await settle();
    };
    return {
      id,
      name,
      attempt,
      receivedMs: timeMs,
      parts,
      body: () => boundedBody(body),
      acknowledge: () => once(() => progress.acknowledge(key)),
      giveBack: () =>
        once(async () => {
          const afterMs = grown(firstReturnMs, mostReturnMs, attempt - 1);
          this.#returns.push({ found, dueMs: performance.now() + afterMs });
          this.#wake();
          await progress.giveBack(key);
        }),
    };
  }

  /** Waits until something is due, something is given back, or the end. */
  #untilNext(signal: AbortSignal): Promise<void> {
    return new Promise((done) => {
      const dueMs = Math.min(...this.#returns.map((waiting) => waiting.dueMs));
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.#wake = () => {};
        done();
      };
      const timer = Number.isFinite(dueMs)
        ? setTimeout(end, Math.max(0, dueMs - performance.now()))
        : undefined;
      signal.addEventListener('abort', end);
      this.#wake = end;
      if (signal.aborted) end();
    });
  }
}
