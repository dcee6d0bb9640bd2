// What every way of telling people has in common. A channel sends and says what became of it; it does
// not decide when to send, nor try again. It rejects only where it is itself at fault.

import type { Notice } from '../model/stored.ts';
import type { SendOutcome } from '../ports.ts';

export type Channel = {
  /** As in the configuration; outbox entries, logs and metrics call it so. */
  readonly name: string;
  /**
   * Whether people read it: then several notices given at once become one message that lists them.
   * Otherwise they stay one message each, sent together where the receiver takes many.
   */
  readonly isForPeople: boolean;
  /** The most notices that are given at once. */
  readonly maxNotices: number;
  /**
   * Sends the notices, at least one, in their order; what is sent again carries the same keys. Ends
   * soon after the signal is aborted. Resolves to one outcome for each notice.
   */
  send(notices: readonly Notice[], signal: AbortSignal): Promise<readonly SendOutcome[]>;
};

export const sent: SendOutcome = { kind: 'sent' };

export function retry(reason: string, afterSeconds: number | null = null): SendOutcome {
  return { kind: 'retry', reason, afterSeconds };
}

export function refused(reason: string): SendOutcome {
  return { kind: 'refused', reason };
}

/** The outcome of one message for all the notices in it. */
export function forEach(notices: readonly Notice[], outcome: SendOutcome): readonly SendOutcome[] {
  return notices.map(() => outcome);
}

/**
 * Sends notices one after another. After one that is to be tried again the rest is not tried: what
 * comes later must not overtake it.
 */
export async function oneByOne(
  notices: readonly Notice[],
  send: (notice: Notice) => Promise<SendOutcome>,
): Promise<readonly SendOutcome[]> {
  const outcomes: SendOutcome[] = [];
  for (const notice of notices) {
    const last = outcomes.at(-1);
    outcomes.push(last?.kind === 'retry' ? last : await send(notice));
  }
  return outcomes;
}
