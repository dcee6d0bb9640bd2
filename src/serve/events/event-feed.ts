// What has just happened, for whoever is listening. Kept in memory: the last events, so that somebody
// who was cut off goes on where they were. Whoever cannot, or is too slow, is told to look at everything
// anew, so nobody believes to have seen all and has not.

import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/stored.ts';

export const eventKinds = ['signal', 'triage', 'note', 'suppression'] as const;
export type EventKind = (typeof eventKinds)[number];

export type LiveEvent = { readonly kind: EventKind; readonly data: JsonObject };

export type SentEvent = {
  /** Names the event; what a browser sends back as Last-Event-ID. */
  readonly id: string;
  /** `reset`: events were missed, so all that is shown may be out of date. */
  readonly kind: EventKind | 'reset';
  readonly data: JsonObject;
};

export type Subscription = {
  /** The next events; null when there will be no more, or after so many milliseconds an empty list. */
  next(timeoutMs: number): Promise<readonly SentEvent[] | null>;
  end(): void;
};

export type EventFeed = {
  publish(event: LiveEvent): void;
  /** What the watcher has told: a signal opened, closed, was corrected. */
  publishNotices(notices: readonly Notice[]): void;
  /** @param lastId the last event that was seen; null for from now on */
  subscribe(lastId: string | null): Subscription;
  readonly subscribers: () => number;
  /** Ends all subscriptions, and those to come at once. */
  close(): void;
};

export type EventFeedOptions = {
  /** Events that are remembered for those who come back. */
  readonly remembered?: number;
  /** Events that wait for one subscriber, above which they are dropped for a `reset`. */
  readonly mostWaiting?: number;
};

export function createEventFeed({
  remembered = 1000,
  mostWaiting = 200,
}: EventFeedOptions = {}): EventFeed {
  // Ids of another run, or of another process, must not look like ours.
  const run = randomBytes(6).toString('hex');
  const recent: SentEvent[] = [];
  const listeners = new Set<Listener>();
  let count = 0;
  let isClosed = false;

  function idOf(number: number): string {
    return `${run}-${number}`;
  }

  function resetEvent(): SentEvent {
    return { id: idOf(count), kind: 'reset', data: {} };
  }

  /** What came after an event; null where that is not known. */
  function since(lastId: string): readonly SentEvent[] | null {
    const [ofRun, digits = ''] = lastId.split('-');
    const number = /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
    const oldest = count - recent.length;
    if (ofRun !== run || !(number >= oldest && number <= count)) return null;
    return recent.slice(number - oldest);
  }

  const feed: EventFeed = {
    publish({ kind, data }) {
      count += 1;
      const event: SentEvent = { id: idOf(count), kind, data };
      recent.push(event);
      if (recent.length > remembered) recent.shift();
      for (const listener of listeners) listener.take(event);
    },
    publishNotices(notices) {
      for (const notice of notices) {
        const { kind, signal, exposures, correction, replaces } = notice;
        feed.publish({
          kind: 'signal',
          data: { change: kind, signal, exposures, correction, replaces },
        });
      }
    },
    subscribe(lastId) {
      const missed = lastId === null ? [] : (since(lastId) ?? [resetEvent()]);
      const listener = new Listener(
        missed.length > mostWaiting ? [resetEvent()] : missed,
        mostWaiting,
        resetEvent,
      );
      if (isClosed) listener.close();
      else listeners.add(listener);
      return {
        next: (timeoutMs) => listener.next(timeoutMs),
        end() {
          listeners.delete(listener);
          listener.close();
        },
      };
    },
    subscribers: () => listeners.size,
    close() {
      isClosed = true;
      for (const listener of listeners) listener.close();
      listeners.clear();
    },
  };
  return feed;
}

class Listener {
  readonly #mostWaiting: number;
  readonly #reset: () => SentEvent;
  #waiting: SentEvent[];
  #isClosed = false;
  #wake: () => void = () => undefined;

  constructor(waiting: readonly SentEvent[], mostWaiting: number, reset: () => SentEvent) {
    this.#waiting = [...waiting];
    this.#mostWaiting = mostWaiting;
    this.#reset = reset;
  }

  take(event: SentEvent): void {
    this.#waiting.push(event);
    if (this.#waiting.length > this.#mostWaiting) this.#waiting = [this.#reset()];
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  async next(timeoutMs: number): Promise<readonly SentEvent[] | null> {
    if (this.#waiting.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (this.#isClosed) return null;
    return this.#waiting.splice(0);
  }
}
