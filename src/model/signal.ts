// What a person is told: openings of one group by one actor under one exposure rule, or what one
// group of records amounts to under one log rule, in each case within keep-alive.

import type { Actor } from './actor.ts';
import type { Severity } from './exposure.ts';

/** What every signal says. */
type SignalFacts = {
  /** Stable: derived from the rule, the group and the first event. */
  readonly id: string;
  readonly ruleId: string;
  readonly severity: Severity;
  readonly title: string;
  readonly accountId: string;
  readonly region: string;
  readonly actor: Actor;
  /** Time of the first opening, or the first time at which a case held. */
  readonly firstSeen: string;
  /** Time of the latest opening or closing, or the last time at which a case held. */
  readonly lastSeen: string;
  readonly status: 'open' | 'closed';
  /** When the last exposure closed, or the signal itself; null while one is open. */
  readonly closedAt: string | null;
  readonly closedBy: Actor | null;
  /** From `firstSeen` to `closedAt`. */
  readonly durationSeconds: number | null;
  /** The rule's message, rendered as Markdown with every attribute escaped. */
  readonly message: string;
  readonly exposures: readonly string[];
  /** The events that made the signal, in time order. */
  readonly eventIds: readonly string[];
};

export type ExposureSignal = SignalFacts & {
  readonly groupId: string;
  readonly groupName?: string;
  readonly vpcId?: string;
};

/** An attribute that a log rule groups by, with its value; null where the record lacks it. */
export type GroupValue = { readonly attribute: string; readonly value: string | null };

/** A signal of a log rule. It is about records, not about a security group. */
export type LogSignal = SignalFacts & {
  readonly groupId: null;
  readonly closedBy: null;
  readonly groupBy: readonly GroupValue[];
  /** Name of the case that gave the severity; may be empty. */
  readonly case: string;
  /** Values that had not been seen before, for a rule that looks for such; else empty. */
  readonly newValues: readonly string[];
  /** Events that made the signal; `eventIds` names the first hundred. */
  readonly eventCount: number;
  /** How many of them match each query of the rule, in the rule's order. */
  readonly queries: readonly { readonly name: string; readonly count: number }[];
};

/** `groupId` tells the two kinds apart: a signal of a log rule has none. */
export type Signal = ExposureSignal | LogSignal;
