// Deliveries from CloudTrail's event history, for accounts in which nothing is set up: each event that
// matters is asked for by its name, in every region and account, again and again. Events appear some
// minutes after they happened and not in order, so each look goes back over a while.

import { PortcullisError } from '../errors/portcullis-error.ts';
import type {
  Checkpoints,
  Clock,
  Delivery,
  DeliverySource,
  EventHistory,
  PastEvent,
} from '../ports.ts';
import type { Put } from './gather.ts';
import { HandOut } from './hand-out.ts';
import { Backoff, requestBackoff, sleep } from './pause.ts';
import { polledSource, type SourceRun } from './polled-source.ts';
import { Progress } from './progress.ts';

export type LookupEventsSourceOptions = {
  readonly name: string;
  /** Each account in each of its regions. `account` names checkpoints and deliveries: an id, say. */
  readonly histories: readonly {
    readonly account: string;
    readonly region: string;
    readonly history: EventHistory;
  }[];
  /** Asked for in this order. */
  readonly eventNames: readonly string[];
  readonly checkpoints: Checkpoints;
  /** Told of every request that failed; the source goes on by itself. */
  readonly onFault?: (fault: PortcullisError) => void;
  readonly clock?: Clock;
  /** Events from then on, 90 days back at most; counts where there is no checkpoint. */
  readonly sinceMs?: number;
  /** An event that appears so long after others of its time is still found. */
  readonly overlapMs?: number;
  /** Between the end of one round over all names and the next. */
  readonly pollMs?: number;
  /**
   * For each account and region, over all names. The API allows 2 for all who ask.
   * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
   */
  readonly requestsPerSecond?: number;
  readonly firstReturnMs?: number;
  readonly mostReturnMs?: number;
};

/** A long time is asked for in pieces, the oldest first, so that progress is kept on the way. */
const pieceMs = 24 * 3_600_000;
/** Requests may take unequally long to get there: a little slower than allowed is never too fast. */
const paceMargin = 1.1;
/** AWS's clock and ours may differ. */
const clockSlackMs = 5 * 60_000;

export function createLookupEventsSource(options: LookupEventsSourceOptions): DeliverySource {
  return polledSource(options.name, (put, signal) => new Watch(options, put, signal));
}

/** One account in one region. */
type Lane = {
  readonly account: string;
  readonly region: string;
  readonly history: EventHistory;
  readonly progressOf: Map<string, Progress>;
  /** When the next request may be sent, by `performance.now()`. */
  nextRequestAt: number;
};

/** One run of the source. */
class Watch implements SourceRun {
  readonly #options: LookupEventsSourceOptions;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #overlapMs: number;
  readonly #handOut: HandOut;
  #hasLooked = false;

  constructor(options: LookupEventsSourceOptions, put: Put<Delivery>, signal: AbortSignal) {
    const { clock = Date.now, firstReturnMs = 5_000, mostReturnMs = 900_000 } = options;
    this.#options = options;
    this.#signal = signal;
    this.#clock = clock;
    this.#overlapMs = options.overlapMs ?? 15 * 60_000;
    this.#handOut = new HandOut(put, { clock, firstReturnMs, mostReturnMs });
  }

  async run(): Promise<void> {
    const lanes = this.#options.histories.map((history): Lane => ({
      ...history,
      progressOf: new Map(),
      nextRequestAt: 0,
    }));
    await Promise.all([
      this.#handOut.offerAgain(this.#signal),
      ...lanes.map((lane) => this.#look(lane)),
    ]);
  }

  lagSeconds(): number | null {
    return this.#hasLooked ? this.#handOut.lagSeconds() : null;
  }

  async #look(lane: Lane): Promise<void> {
    const { pollMs = 30_000, eventNames, onFault = () => {} } = this.#options;
    const backoff = new Backoff(requestBackoff);
    while (!this.#signal.aborted) {
      let waitMs = pollMs;
      for (const eventName of eventNames) {
        try {
          await this.#ask(lane, eventName);
          backoff.reset();
        } catch (error) {
          if (this.#signal.aborted) return;
          if (!(error instanceof PortcullisError)) throw error;
          onFault(error);
          await sleep(backoff.next(), this.#signal);
          // This name was left out: it has its turn again soon.
          waitMs = 0;
        }
        if (this.#signal.aborted) return;
      }
      this.#hasLooked = true;
      await sleep(waitMs, this.#signal);
    }
  }

  /** Hands out all events of a name that are new. */
  async #ask(lane: Lane, eventName: string): Promise<void> {
    const progress = await this.#progress(lane, eventName);
    const nowMs = this.#clock();
    for (let fromMs = progress.fromMs; fromMs <= nowMs; fromMs += pieceMs) {
      const isLast = fromMs + pieceMs > nowMs;
      const toMs = isLast ? nowMs + clockSlackMs : fromMs + pieceMs;
      await this.#askPiece(lane, eventName, progress, fromMs, toMs);
      // What was offered last may not have been taken.
      if (this.#signal.aborted) return;
      progress.passed(Math.min(nowMs, toMs), this.#overlapMs);
    }
  }

  async #askPiece(
    lane: Lane,
    eventName: string,
    progress: Progress,
    fromMs: number,
    toMs: number,
  ): Promise<void> {
    for (let page: string | null = null; ;) {
      await this.#keepPace(lane);
      if (this.#signal.aborted) return;
      const query = { eventName, fromMs, toMs, page, signal: this.#signal };
      const answer = await lane.history.lookUp(query);
      for (const event of answer.events) {
        if (progress.isKnown(event.id, event.timeMs)) continue;
        await this.#offer(lane, event, progress);
        if (this.#signal.aborted) return;
      }
      page = answer.nextPage;
      if (page === null) return;
    }
  }

  async #offer({ account, region }: Lane, event: PastEvent, progress: Progress): Promise<void> {
    const { id, timeMs, record } = event;
    const name = `${account}/${region}/${id}`;
    const read = async function* read(): AsyncGenerator<Uint8Array, void, undefined> {
      yield Buffer.from(record, 'utf8');
    };
    const parts = [{ name, read }];
    await this.#handOut.offer({ id: name, name, timeMs, parts, body: record, progress, key: id });
  }

  async #progress(lane: Lane, eventName: string): Promise<Progress> {
    const known = lane.progressOf.get(eventName);
    if (known !== undefined) return known;
    const { name, checkpoints, sinceMs, onFault = () => {} } = this.#options;
    const nowMs = this.#clock();
    const progress = await Progress.load({
      checkpoints,
      name: `${name}/${lane.account}/${lane.region}/${eventName}`,
      startMs: sinceMs ?? nowMs - this.#overlapMs,
      nowMs,
      onFault,
    });
    lane.progressOf.set(eventName, progress);
    return progress;
  }

  async #keepPace(lane: Lane): Promise<void> {
    const { requestsPerSecond = 2 } = this.#options;
    const waitMs = lane.nextRequestAt - performance.now();
    if (waitMs > 0) await sleep(waitMs, this.#signal);
    lane.nextRequestAt = performance.now() + (1000 / requestsPerSecond) * paceMargin;
  }
}
