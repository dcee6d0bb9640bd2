// What a record that matches a log rule leaves behind: enough to put records together and to tell
// about them, without the record itself. What many records have in common stands in one place, so
// that memory, and what crosses between threads, is little more than the ids of the events.

import type { JsonObject } from '../../model/json.ts';
import { utcTime } from '../../model/utc-time.ts';
import { compareText } from '../../model/compare-text.ts';

/** One query of the rule that the record matches. */
export type LogHit = {
  /** Position among the rule's queries. */
  readonly query: number;
  /** The groups that the record counts in, at least one: each a key as `groupKey` writes it. */
  readonly groups: readonly string[];
  /** What the query's aggregation needs: distinct values as `valueKey` writes them, or a number. */
  readonly values: readonly (string | number)[];
};

/** What a match is, all but the event itself: the same for many calls of one caller. */
export type MatchKind = {
  /** Position among the rules that are run. */
  readonly rule: number;
  /** In the order of the queries, at least one. */
  readonly hits: readonly LogHit[];
  /** The part of the record that messages can need, without the event's own id and time. */
  readonly context: JsonObject;
};

/** One record under one rule. */
export class LogMatch {
  readonly eventId: string;
  /** In milliseconds since 1970, UTC. */
  readonly eventTimeMs: number;
  readonly kind: MatchKind;
  /** The time as CloudTrail wrote it, where it is not written in the usual way; else null. */
  readonly unusualTime: string | null;

  constructor(eventId: string, eventTimeMs: number, kind: MatchKind, unusualTime: string | null) {
    this.eventId = eventId;
    this.eventTimeMs = eventTimeMs;
    this.kind = kind;
    this.unusualTime = unusualTime;
  }

  get rule(): number {
    return this.kind.rule;
  }

  get hits(): readonly LogHit[] {
    return this.kind.hits;
  }

  get context(): JsonObject {
    return this.kind.context;
  }

  /** Exactly as CloudTrail wrote it. */
  get eventTime(): string {
    return this.unusualTime ?? utcTime(this.eventTimeMs);
  }
}

/** Groups with equal keys are one, whatever the attributes are called that the values come from. */
export function groupKey(values: readonly (string | null)[]): string {
  return JSON.stringify(values);
}

export function groupValues(key: string): readonly (string | null)[] {
  // Only `groupKey` writes these.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(key) as readonly (string | null)[];
}

export function valueKey(values: readonly string[]): string {
  return JSON.stringify(values);
}

/** The values of a key as a person reads them. */
export function valueText(key: string): string {
  // Only `valueKey` writes these.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (JSON.parse(key) as readonly string[]).join(', ');
}

/** By event time, then by event id. */
export function compareMatches(a: LogMatch, b: LogMatch): number {
  return a.eventTimeMs - b.eventTimeMs || compareText(a.eventId, b.eventId);
}
