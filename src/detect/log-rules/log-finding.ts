// What the records of one group come to under a log rule: the moments at which a case held.

import type { GroupValue } from '../../model/signal.ts';
import type { LogRule } from '../../model/rule.ts';
import type { LogMatch } from './log-match.ts';

/** A record of the group. */
export type LogEvent = {
  readonly match: LogMatch;
  /** Positions of the queries that it matches, ascending. */
  readonly queries: readonly number[];
};

/** A moment at which a case held. */
export type Trigger = {
  /** Milliseconds since 1970, UTC. */
  readonly timeMs: number;
  /** Position of the first case that held, among the rule's cases. */
  readonly caseIndex: number;
  /** The records that it held for: `events` from here … */
  readonly from: number;
  /** … to before here. The last ones are of this moment. */
  readonly to: number;
  /** The value that had not been seen before, as `valueKey` writes it; null for a threshold. */
  readonly newValue: string | null;
};

export type LogFinding = {
  readonly rule: LogRule;
  /** The group as `groupKey` writes it. */
  readonly group: string;
  readonly groupBy: readonly GroupValue[];
  /** By time, then by event id. */
  readonly events: readonly LogEvent[];
  /** In time order, at least one. */
  readonly triggers: readonly Trigger[];
};
