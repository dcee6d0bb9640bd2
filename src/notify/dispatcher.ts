// Takes notices out of the outbox and sends them: each channel for itself, in order, as long as its
// lease lasts. What fails is tried again after a pause that grows; what is refused, or failed for too
// long, is kept as refused. A notice is forgotten only after a channel has taken it, so that a crash
// may repeat a notice and never loses one.

import type { Severity } from '../model/exposure.ts';
import type { ClaimedEntry, Clock, Outbox, SendOutcome } from '../ports.ts';
import { type Channel, forEach, retry } from './channel.ts';
import { planDigest, WINDOW_MS } from './digest.ts';
import { networkReason } from './http-post.ts';
import { passes, type QuietHours, quietUntil } from './quiet-hours.ts';

export type ChannelSetting = {
  readonly channel: Channel;
  readonly quietHours: QuietHours | null;
  /** Messages to people in any minute; what is more is gathered in one. */
  readonly digestOver: number;
};

export type DispatcherOptions = {
  readonly outbox: Outbox;
  readonly channels: readonly ChannelSetting[];
  readonly clock: Clock;
  /** Told of everything that happens, for logs and metrics; must not throw. */
  readonly onEvent: (event: DispatchEvent) => void;
  readonly timing?: Partial<Timing>;
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. */
  readonly sleep: (durationMs: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1, without 1. */
  readonly random: () => number;
};

export type Timing = {
  /** How often the outbox is looked at where nobody calls `wake`. */
  readonly pollMs: number;
  /** How long one call of a channel may take. */
  readonly sendMs: number;
  /** How long entries are kept from other processes; must be longer than `sendMs`. */
  readonly leaseSeconds: number;
  /** The pause after the first failure; it doubles with each further one. */
  readonly firstPauseMs: number;
  /** Pauses do not grow beyond this. */
  readonly mostPauseMs: number;
  /** How long after it was noticed a notice is given up. */
  readonly giveUpMs: number;
  /** How long what is being sent may still take once the dispatcher is to stop. */
  readonly stopMs: number;
};

export const defaultTiming: Timing = {
  pollMs: 1000,
  sendMs: 30_000,
  leaseSeconds: 90,
  firstPauseMs: 2000,
  mostPauseMs: 600_000,
  giveUpMs: 72 * 3_600_000,
  stopMs: 5000,
};

export type DispatchEvent =
  | { readonly kind: 'sent'; readonly channel: string; readonly keys: readonly string[] }
  | {
      readonly kind: 'failed' | 'refused';
      readonly channel: string;
      readonly keys: readonly string[];
      readonly reason: string;
    }
  | {
      readonly kind: 'held';
      readonly channel: string;
      readonly keys: readonly string[];
      readonly why: 'quiet-hours' | 'digest';
      readonly untilMs: number;
    }
  | { readonly kind: 'outbox-error'; readonly channel: string; readonly error: unknown };

export type Dispatcher = {
  /** Resolves once the signal is aborted and nothing is in hand any more. Does not reject. */
  run(signal: AbortSignal): Promise<void>;
  /** Something was put into the outbox: looks at it at once. */
  wake(): void;
};

/** Throws a RangeError where leases could end while something is being sent. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { leaseSeconds, sendMs } = { ...defaultTiming, ...options.timing };
  if (leaseSeconds * 1000 <= sendMs) throw new RangeError('leases must be longer than sending');
  const loops = options.channels.map((setting) => new ChannelLoop(setting, options));
  return {
    async run(signal) {
      await Promise.all(loops.map((loop) => loop.run(signal)));
    },
    wake() {
      for (const loop of loops) loop.wake();
    },
  };
}

/** Entries that are taken at once. */
const CLAIMED = 100;
/** However old a notice is, it is tried so often before it is given up. */
const FEWEST_ATTEMPTS = 10;
/** How often in a row it is tried to note what became of entries. */
const NOTE_ATTEMPTS = 6;

class ChannelLoop {
  readonly #setting: ChannelSetting;
  readonly #options: DispatcherOptions;
  readonly #timing: Timing;
  readonly #name: string;
  /** When messages were sent in the last minute, in order. */
  #sentMs: readonly number[] = [];
  /** Calls of the channel, and of the outbox, that failed in a row. */
  #failures = 0;
  #outboxFailures = 0;
  /** Until when the leases of what is in hand last. */
  #leasedUntilMs = 0;
  #isAwake = false;
  #wake: () => void = () => {};

  constructor(setting: ChannelSetting, options: DispatcherOptions) {
    this.#setting = setting;
    this.#options = options;
    this.#timing = { ...defaultTiming, ...options.timing };
    this.#name = setting.channel.name;
  }

  wake(): void {
    this.#isAwake = true;
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#isAwake = false;
      let pauseMs: number;
      let mayWake: boolean;
      try {
        ({ pauseMs, mayWake } = await this.#turn(signal));
        this.#outboxFailures = 0;
      } catch (error) {
        this.#options.onEvent({ kind: 'outbox-error', channel: this.#name, error });
        pauseMs = this.#pauseMs(this.#outboxFailures);
        mayWake = false;
        this.#outboxFailures += 1;
      }
      if (pauseMs > 0) await this.#pause(pauseMs, mayWake, signal);
    }
  }

  async #pause(pauseMs: number, mayWake: boolean, signal: AbortSignal): Promise<void> {
    if (mayWake && this.#isAwake) return;
    const woken = new AbortController();
    this.#wake = () => {
      if (mayWake) woken.abort();
    };
    await this.#options.sleep(pauseMs, AbortSignal.any([signal, woken.signal]));
    this.#wake = () => {};
  }

  /** Takes what is due and sees to it; says how long nothing is to be done then. */
  async #turn(signal: AbortSignal): Promise<{ pauseMs: number; mayWake: boolean }> {
    const { outbox, clock } = this.#options;
    const { leaseSeconds, pollMs } = this.#timing;
    const askedMs = clock();
    const claimed = await outbox.claim(this.#name, { limit: CLAIMED, leaseSeconds });
    this.#leasedUntilMs = askedMs + leaseSeconds * 1000;
    if (claimed.length === 0) return { pauseMs: pollMs, mayWake: true };
    const ready = await this.#holdBack(claimed);
    const untilMs = ready.length === 0 ? null : await this.#sendAll(ready, signal);
    if (untilMs !== null) return { pauseMs: Math.max(1, untilMs - clock()), mayWake: false };
    return { pauseMs: 0, mayWake: true };
  }

  /** Gives back what quiet hours, or a failure before it, hold back; returns the rest in its order. */
  async #holdBack(claimed: readonly ClaimedEntry[]): Promise<readonly ClaimedEntry[]> {
    const { quietHours } = this.#setting;
    const nowMs = this.#options.clock();
    const quietEndMs = quietHours === null ? null : quietUntil(quietHours, nowMs);
    const ready: ClaimedEntry[] = [];
    const quiet: ClaimedEntry[] = [];
    const signals = Map.groupBy(claimed, ({ notice }) => notice.signal.id);
    for (const entries of signals.values()) {
      // A signal goes as a whole, so that what was held back does not come after what passed.
      const isUrgent =
        quietHours !== null && entries.some(({ notice }) => passes(quietHours, severityOf(notice)));
      const failedUntilMs = failedUntil(entries, nowMs);
      if (quietEndMs !== null && !isUrgent) quiet.push(...entries);
      else if (failedUntilMs !== null && quietEndMs === null) {
        await this.#note(() => this.#postpone(entries, failedUntilMs));
      } else ready.push(...entries);
    }
    if (quiet.length > 0 && quietEndMs !== null) {
      await this.#note(() => this.#postpone(quiet, quietEndMs));
      this.#tellHeld(quiet, 'quiet-hours', quietEndMs);
    }
    return ready;
  }

  /** Resolves to the time before which the channel is to be left alone, or null. */
  async #sendAll(ready: readonly ClaimedEntry[], signal: AbortSignal): Promise<number | null> {
    const { channel, digestOver } = this.#setting;
    if (!channel.isForPeople) return this.#sendInBatches(ready, channel.maxNotices, signal);
    const nowMs = this.#options.clock();
    const plan = planDigest(ready.length, this.#sentMs, nowMs, digestOver);
    switch (plan.kind) {
      case 'each':
        return this.#sendInBatches(ready, 1, signal);
      case 'together': {
        const { maxNotices } = channel;
        const [now, later] = [ready.slice(0, maxNotices), ready.slice(maxNotices)];
        return this.#sendInBatches(now, maxNotices, signal, later);
      }
      case 'wait':
        await this.#note(() => this.#postpone(ready, plan.untilMs));
        this.#tellHeld(ready, 'digest', plan.untilMs);
        return plan.untilMs;
      default:
        return plan satisfies never;
    }
  }

  /** @param left what is not to be sent this time */
  async #sendInBatches(
    entries: readonly ClaimedEntry[],
    size: number,
    signal: AbortSignal,
    left: readonly ClaimedEntry[] = [],
  ): Promise<number | null> {
    for (let start = 0; start < entries.length; start += size) {
      const after = [...entries.slice(start + size), ...left];
      const batch = await this.#stillHeld(entries.slice(start, start + size));
      if (signal.aborted) {
        await this.#note(() => this.#postpone([...batch, ...after], this.#options.clock()));
        return null;
      }
      if (batch.length === 0) continue;
      const untilMs = await this.#sendBatch(batch, after, signal);
      if (untilMs !== null) return untilMs;
      if (signal.aborted) {
        await this.#note(() => this.#postpone(after, this.#options.clock()));
        return null;
      }
    }
    await this.#note(() => this.#postpone(left, this.#options.clock()));
    return null;
  }

  /** The entries that nobody else can have taken meanwhile. */
  async #stillHeld(batch: readonly ClaimedEntry[]): Promise<readonly ClaimedEntry[]> {
    const { outbox, clock } = this.#options;
    const { sendMs, leaseSeconds } = this.#timing;
    const nowMs = clock();
    if (this.#leasedUntilMs - nowMs > sendMs) return batch;
    const held = new Set(
      await outbox.extend(
        batch.map(({ receipt }) => receipt),
        leaseSeconds,
      ),
    );
    return batch.filter(({ receipt }) => held.has(receipt));
  }

  /** Sends, and notes what became of it; after a failure, gives `after` back. */
  async #sendBatch(
    batch: readonly ClaimedEntry[],
    after: readonly ClaimedEntry[],
    signal: AbortSignal,
  ): Promise<number | null> {
    const { outcomes, isCut } = await this.#send(batch, signal);
    if (isCut) {
      // Whether it arrived is not known; it is not the channel's fault.
      await this.#note(() => this.#postpone([...batch, ...after], this.#options.clock()));
      return null;
    }
    const { outbox, clock } = this.#options;
    const nowMs = clock();
    const sent = batch.filter((_, index) => outcomes[index]?.kind === 'sent');
    const refused = withReasons(batch, outcomes, 'refused');
    const failed = withReasons(batch, outcomes, 'retry');
    const givenUp = failed.filter(
      ({ entry }) =>
        entry.attempts + 1 >= FEWEST_ATTEMPTS &&
        nowMs - entry.notice.noticedMs >= this.#timing.giveUpMs,
    );
    const retried = failed.filter((each) => !givenUp.includes(each));
    const refusals = [
      ...refused,
      ...givenUp.map(({ entry, outcome }) => ({
        entry,
        outcome: {
          ...outcome,
          reason: `given up after ${entry.attempts + 1} attempts: ${outcome.reason}`,
        },
      })),
    ];
    if (sent.length > 0) {
      this.#failures = 0;
      this.#sentMs = [...this.#sentMs.filter((ms) => ms > nowMs - WINDOW_MS), nowMs];
      await this.#note(() => outbox.markSent(sent.map(({ receipt }) => receipt)));
      this.#options.onEvent({ kind: 'sent', channel: this.#name, keys: keysOf(sent) });
    }
    if (refusals.length > 0) {
      await this.#note(() =>
        outbox.markRefused(
          refusals.map(({ entry, outcome }) => ({
            receipt: entry.receipt,
            reason: outcome.reason,
          })),
        ),
      );
      for (const { entry, outcome } of refusals) this.#tellFailed('refused', entry, outcome.reason);
    }
    const [first] = failed;
    if (first === undefined) return null;
    const askedMs = Math.max(0, ...failed.map(({ outcome }) => waitMs(outcome)));
    const untilMs = nowMs + Math.max(askedMs, this.#pauseMs(this.#failures));
    this.#failures += 1;
    const failures = retried.map(({ entry, outcome }) => ({
      receipt: entry.receipt,
      nextAttemptMs: Math.max(untilMs, nowMs + this.#pauseMs(entry.attempts)),
      reason: outcome.reason,
    }));
    if (failures.length > 0) await this.#note(() => outbox.markFailed(failures));
    for (const { entry, outcome } of retried) this.#tellFailed('failed', entry, outcome.reason);
    // What has not been tried comes first then, so that what fails always cannot keep it waiting.
    await this.#note(() => this.#postpone(after, untilMs - 1));
    return untilMs;
  }

  /** `isCut` when it was the dispatcher's stop that ended it. */
  async #send(
    batch: readonly ClaimedEntry[],
    signal: AbortSignal,
  ): Promise<{ outcomes: readonly SendOutcome[]; isCut: boolean }> {
    const { channel } = this.#setting;
    const { sendMs, stopMs } = this.#timing;
    const notices = batch.map(({ notice }) => notice);
    const limit = new AbortController();
    const stop = new AbortController();
    const stopLater = (): void => {
      timers.push(setTimeout(() => stop.abort(), stopMs));
    };
    const timers = [setTimeout(() => limit.abort(), sendMs)];
    if (signal.aborted) stopLater();
    else signal.addEventListener('abort', stopLater, { once: true });
    const ended = AbortSignal.any([limit.signal, stop.signal]);
    try {
      const outcomes = await unlessAborted(channel.send(notices, ended), ended);
      const isCut = stop.signal.aborted && outcomes.some(({ kind }) => kind === 'retry');
      return { outcomes, isCut };
    } catch (error) {
      const reason = limit.signal.aborted
        ? `no answer within ${Math.ceil(sendMs / 1000)} seconds`
        : `the channel failed (${networkReason(error)})`;
      return { outcomes: forEach(notices, retry(reason)), isCut: stop.signal.aborted };
    } finally {
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener('abort', stopLater);
    }
  }

  /** The outbox may be away for a moment; what was sent should not be sent again for that. */
  async #note(write: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await write();
      } catch (error) {
        if (attempt === NOTE_ATTEMPTS) throw error;
        this.#options.onEvent({ kind: 'outbox-error', channel: this.#name, error });
        await this.#options.sleep(100 * 2 ** attempt, new AbortController().signal);
      }
    }
  }

  async #postpone(entries: readonly ClaimedEntry[], dueMs: number): Promise<void> {
    if (entries.length === 0) return;
    await this.#options.outbox.postpone(
      entries.map(({ receipt }) => receipt),
      dueMs,
    );
  }

  /** Doubles with each failure, spread over its upper half so that several who wait do not meet. */
  #pauseMs(failures: number): number {
    const { firstPauseMs, mostPauseMs } = this.#timing;
    const pauseMs = Math.min(mostPauseMs, firstPauseMs * 2 ** Math.min(failures, 30));
    return Math.ceil(pauseMs * (0.5 + this.#options.random() / 2));
  }

  #tellHeld(
    entries: readonly ClaimedEntry[],
    why: 'quiet-hours' | 'digest',
    untilMs: number,
  ): void {
    this.#options.onEvent({
      kind: 'held',
      channel: this.#name,
      keys: keysOf(entries),
      why,
      untilMs,
    });
  }

  #tellFailed(kind: 'failed' | 'refused', { notice }: ClaimedEntry, reason: string): void {
    this.#options.onEvent({ kind, channel: this.#name, keys: [notice.key], reason });
  }
}

function severityOf({ signal }: ClaimedEntry['notice']): Severity {
  return signal.severity;
}

/** Until when a signal waits because its earliest entry failed; null where it may be tried now. */
function failedUntil([first]: readonly ClaimedEntry[], nowMs: number): number | null {
  if (first === undefined || first.attempts === 0 || first.dueMs <= nowMs) return null;
  return first.dueMs;
}

function keysOf(entries: readonly ClaimedEntry[]): readonly string[] {
  return entries.map(({ notice }) => notice.key);
}

function withReasons<K extends 'refused' | 'retry'>(
  batch: readonly ClaimedEntry[],
  outcomes: readonly SendOutcome[],
  kind: K,
): readonly { entry: ClaimedEntry; outcome: Extract<SendOutcome, { kind: K }> }[] {
  return batch.flatMap((entry, index) => {
    const outcome = outcomes[index] ?? retry('the channel did not say what became of it');
    return isOfKind(outcome, kind) ? [{ entry, outcome }] : [];
  });
}

function isOfKind<K extends SendOutcome['kind']>(
  outcome: SendOutcome,
  kind: K,
): outcome is Extract<SendOutcome, { kind: K }> {
  return outcome.kind === kind;
}

function waitMs(outcome: Extract<SendOutcome, { kind: 'retry' }>): number {
  return (outcome.afterSeconds ?? 0) * 1000;
}

/** Rejects as soon as the signal is aborted, even where the work does not heed it. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const fail = (): void => aborted.reject(new Error('aborted'));
  signal.addEventListener('abort', fail, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', fail);
  }
}
