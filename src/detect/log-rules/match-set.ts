// Matches, each event once under each rule: repeated deliveries are dropped as they come, so that
// memory follows the number of events. What is held is a function of the set of what was added.

import { compareMatches, type LogMatch } from './log-match.ts';

export class MatchSet {
  readonly #byRule = new Map<number, Map<string, LogMatch>>();

  add(match: LogMatch): void {
    const { rule, eventId } = match;
    const ofRule = this.#byRule.get(rule) ?? new Map<string, LogMatch>();
    if (ofRule.size === 0) this.#byRule.set(rule, ofRule);
    const held = ofRule.get(eventId);
    // Two records with one event id should be equal; where they are not, the choice between them
    // must not depend on which came first.
    if (held === undefined || isBefore(match, held)) ofRule.set(eventId, match);
  }

  /** Every match; of one rule together. */
  *values(): Generator<LogMatch, void> {
    for (const ofRule of this.#byRule.values()) yield* ofRule.values();
  }

  /** The matches of one rule by time, then by event id. */
  ofRule(rule: number): readonly LogMatch[] {
    return [...(this.#byRule.get(rule)?.values() ?? [])].toSorted(compareMatches);
  }
}

function isBefore(match: LogMatch, held: LogMatch): boolean {
  if (match.eventTimeMs !== held.eventTimeMs) return match.eventTimeMs < held.eventTimeMs;
  return textOf(match) < textOf(held);
}

function textOf({ eventTime, hits, context }: LogMatch): string {
  return JSON.stringify([eventTime, hits, context]);
}
