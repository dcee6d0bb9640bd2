// What a person is told: the openings of one group by one actor under one rule, within keep-alive.

import type { Actor } from './actor.ts';
import type { Severity } from './exposure.ts';

export type Signal = {
  /** Stable: derived from the rule, the group and the first opening event. */
  readonly id: string;
  readonly ruleId: string;
  readonly severity: Severity;
  readonly title: string;
  readonly accountId: string;
  readonly region: string;
  readonly groupId: string;
  readonly groupName?: string;
  readonly vpcId?: string;
  readonly actor: Actor;
  /** Time of the first opening. */
  readonly firstSeen: string;
  /** Time of the latest opening or closing. */
  readonly lastSeen: string;
  readonly status: 'open' | 'closed';
  /** When the last exposure closed; null while one is open. */
  readonly closedAt: string | null;
  readonly closedBy: Actor | null;
  /** From the first opening to the last closing. */
  readonly durationSeconds: number | null;
  /** The rule's message, rendered as Markdown with every attribute escaped. */
  readonly message: string;
  readonly exposures: readonly string[];
  /** Every event that opened or closed one of the exposures, in time order. */
  readonly eventIds: readonly string[];
};
