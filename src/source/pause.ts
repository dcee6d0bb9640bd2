// Waiting that ends at once when a signal says so, and pauses that grow while something goes wrong.

/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
export function sleep(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) {
      done();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      done();
    };
    const timer = setTimeout(end, durationMs);
    signal.addEventListener('abort', end);
  });
}

export type BackoffOptions = {
  readonly firstMs: number;
  /** Pauses do not grow beyond this. */
  readonly mostMs: number;
};

/** Pauses that double, each spread over its upper half so that several who wait do not meet. */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** How long to wait now, in milliseconds. */
  next(): number {
    const { firstMs, mostMs } = this.#options;
    const pauseMs = grown(firstMs, mostMs, this.#failures);
    this.#failures += 1;
    return pauseMs * (0.5 + Math.random() / 2);
  }

  /** It went well: the next pause is a first one. */
  reset(): void {
    this.#failures = 0;
  }
}

/** `first`, doubled so many times, and never more than `most`. */
export function grown(first: number, most: number, times: number): number {
  return Math.min(most, first * 2 ** Math.min(times, 30));
}

/** What sources wait after requests that failed. */
export const requestBackoff: BackoffOptions = { firstMs: 500, mostMs: 60_000 };
