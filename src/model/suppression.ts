// What is known and accepted: openings that match are recorded and counted, and not told.
// A suppression is in force or not at the time of an opening; one that has ended hides nothing later.

import type { Exposure } from './exposure.ts';
import type { Signal } from './signal.ts';

export type Suppression = {
  readonly id: string;
  /** The rule whose signals it is about; null for all rules. */
  readonly ruleId: string | null;
  /** A query on a signal; docs/signal-attributes.md lists what it can ask for. */
  readonly query: string;
  readonly reason: string;
  readonly creator: string | null;
  /** First moment at which it is in force, in milliseconds since 1970, UTC; null for always. */
  readonly startMs: number | null;
  /** Last moment at which it is in force, in milliseconds since 1970, UTC; null for no end. */
  readonly endMs: number | null;
};

/** Why something is hidden. */
export type SuppressedBy = { readonly id: string; readonly reason: string };

/** A signal, or the part of one, that is hidden: told from the hidden exposures alone. */
export type SuppressedSignal = {
  readonly signal: Signal;
  readonly exposures: readonly Exposure[];
  /** By id. */
  readonly suppressions: readonly SuppressedBy[];
};

export type Suppressed = {
  /** Signals that are hidden in whole or in part. */
  readonly signals: number;
  readonly exposures: number;
  /** All of them; absent where only the count is asked for. */
  readonly hidden?: readonly SuppressedSignal[];
};
