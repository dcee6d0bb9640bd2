// One group, one administrative port (or one row range), one unbroken interval open to the world.

import type { Actor } from './actor.ts';
import type { Protocol } from './ingress-rule.ts';

export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

/** From least to most severe. */
export const severities: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

export type Exposure = {
  /** Stable: the same input gives the same id in every run, on every machine. */
  readonly id: string;
  readonly ruleId: string;
  readonly accountId: string;
  readonly region: string;
  readonly groupId: string;
  readonly groupName?: string;
  readonly vpcId?: string;
  readonly protocol: Protocol;
  /** The exposed port; for an exposure of a row range, its first port. */
  readonly port: number;
  /** Last port of the row range, inclusive; present only for rules that report per row range. */
  readonly toPort?: number;
  /** The port's usual service, for example `SSH`; null where the rule names none. */
  readonly service: string | null;
  /** Widest share of the 2^32 IPv4 addresses admitted during the interval, 0 to 1. */
  readonly ipv4Coverage: number;
  /** Widest share of 2000::/3 admitted during the interval, 0 to 1. */
  readonly ipv6Coverage: number;
  /** The CIDRs that opened the port during the interval, widest reading, in address order. */
  readonly sources: readonly string[];
  readonly openedAt: string;
  readonly openedByEventId: string;
  /** The API call that opened, for example `AuthorizeSecurityGroupIngress`. */
  readonly openedByEventName?: string;
  readonly openedBy: Actor;
  readonly closedAt: string | null;
  readonly closedByEventId: string | null;
  readonly closedBy: Actor | null;
  readonly durationSeconds: number | null;
};
