// What one successful API call did. The tracker folds these; nothing else changes a group.

import type { Actor } from './actor.ts';
import type { IngressRule } from './ingress-rule.ts';
import type { JsonObject } from './json.ts';

/** A group is keyed by account, region and id; a group id alone is not trusted to be unique. */
export type GroupRef = {
  readonly accountId: string;
  readonly region: string;
  readonly groupId: string;
};

/** How a call named its group: by id, or (default VPC only) by name alone. */
export type GroupAddress =
  | { readonly kind: 'id'; readonly groupId: string }
  | { readonly kind: 'name'; readonly groupName: string };

/** A replacement of one row, named by `sgr-` id. Missing parts are taken from the row replaced. */
export type RowReplacement = {
  readonly ruleId: string;
  readonly row: IngressRule;
};

export type GroupEffect =
  | { readonly kind: 'add'; readonly rows: readonly IngressRule[] }
  | {
      readonly kind: 'remove';
      /** Removed by exact content. */
      readonly rows: readonly IngressRule[];
      /** Removed by `sgr-` id. */
      readonly ruleIds: readonly string[];
    }
  | { readonly kind: 'replace'; readonly replacements: readonly RowReplacement[] }
  | { readonly kind: 'delete' }
  /** Teaches id, name and VPC; changes no ingress row. */
  | { readonly kind: 'create' }
  /** Teaches which `sgr-` ids belong to egress rules, which are none of our business. */
  | { readonly kind: 'egress'; readonly ruleIds: readonly string[] };

export type PrefixListEffect =
  | {
      readonly kind: 'create';
      readonly cidrs: readonly string[];
      /** For a list that was there before it was first seen; a new list has version 1. */
      readonly version?: number | null;
    }
  | {
      readonly kind: 'modify';
      readonly add: readonly string[];
      readonly remove: readonly string[];
      /** The version the call was made against; the new one is one higher. */
      readonly currentVersion: number | null;
    }
  | {
      readonly kind: 'restore';
      readonly toVersion: number | null;
      readonly currentVersion: number | null;
    }
  | { readonly kind: 'delete' };

/** What every change carries about the call that made it. */
export type CallFacts = {
  readonly eventId: string;
  /** Exactly as CloudTrail wrote it. */
  readonly eventTime: string;
  /** `eventTime` in milliseconds since 1970, UTC. */
  readonly eventTimeMs: number;
  readonly eventName: string;
  readonly accountId: string;
  readonly region: string;
  readonly actor: Actor;
  /** Joins the copies of one call that AWS delivered to two accounts. */
  readonly sharedEventId: string | null;
  /** The record itself, for queries and templates; the bodies are left out where they are huge. */
  readonly record: JsonObject;
};

export type GroupChange = CallFacts & {
  readonly target: 'group';
  readonly group: GroupAddress;
  readonly groupName: string | null;
  readonly vpcId: string | null;
  readonly effect: GroupEffect;
};

export type PrefixListChange = CallFacts & {
  readonly target: 'prefix-list';
  readonly prefixListId: string;
  readonly effect: PrefixListEffect;
};

export type Change = GroupChange | PrefixListChange;

/** A call that succeeded and whose effect cannot be told in full. Not safe: unknown. */
export type Undetermined = {
  readonly eventId: string;
  readonly eventTime: string;
  readonly eventName: string;
  readonly accountId: string;
  readonly region: string;
  readonly groupId: string | null;
  readonly reason: string;
};
