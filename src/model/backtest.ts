// What one rule would have said of logs that are there: how often, on which days, about whom.

import type { Severity } from './exposure.ts';
import type { Signal } from './signal.ts';

export type Backtest = {
  readonly ruleId: string;
  readonly version: string;
  /** The days that are counted, `YYYY-MM-DD`, UTC; null where nothing says which. */
  readonly from: string | null;
  readonly to: string | null;
  readonly days: number;
  readonly signals: number;
  /** 0 where there is no day. */
  readonly signalsPerDay: number;
  readonly severities: readonly { readonly severity: Severity; readonly signals: number }[];
  /** Every day from `from` to `to`, those without signals too; signals count when first seen. */
  readonly byDay: readonly { readonly day: string; readonly signals: number }[];
  /** Callers, the one with the most signals first. */
  readonly actors: readonly BacktestActor[];
  /** At most ten, spread evenly over the signals in time order. */
  readonly samples: readonly Signal[];
};

export type BacktestActor = {
  readonly type: string;
  readonly sessionName: string | null;
  readonly arn: string | null;
  /** The account of the first of the signals. */
  readonly accountId: string;
  readonly signals: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
};
