// How many messages people get: at most so many in any minute. What is more is gathered, and sent as
// one message that lists it as soon as there is room. Pure.

/** The length of the window, in milliseconds. */
export const WINDOW_MS = 60_000;

export type DigestPlan =
  /** Each is sent by itself, now. */
  | { readonly kind: 'each' }
  /** All of them in one message, now. */
  | { readonly kind: 'together' }
  /** None before then. */
  | { readonly kind: 'wait'; readonly untilMs: number };

/**
 * @param waiting how many notices there are, at least one
 * @param sentMs when messages were sent, in order; older ones than a minute do not matter
 * @param limit messages in any minute, at least one
 */
export function planDigest(
  waiting: number,
  sentMs: readonly number[],
  nowMs: number,
  limit: number,
): DigestPlan {
  const recent = sentMs.filter((ms) => ms > nowMs - WINDOW_MS);
  const room = limit - recent.length;
  if (waiting <= room) return { kind: 'each' };
  if (room > 0) return { kind: 'together' };
  // Room comes when the first of the last `limit` messages is a minute old.
  return { kind: 'wait', untilMs: (recent.at(-limit) ?? nowMs) + WINDOW_MS };
}
