// Matches, each event once under each rule: repeated deliveries are dropped as they come, so that
// memory follows the number of events. What is held is a function of the set of what was added.

import type { JsonObject } from '../../model/json.ts';
import { compareMatches, type LogMatch } from './log-match.ts';

export class MatchSet {
  readonly #byRule = new Map<number, Map<string, LogMatch>>();
  readonly #contexts = new Map<string, JsonObject>();
  readonly #known = new WeakMap<JsonObject, JsonObject>();

  add(match: LogMatch): void {
    const ofRule = this.#byRule.get(match.rule) ?? new Map<string, LogMatch>();
    this.#byRule.set(match.rule, ofRule);
    const held = ofRule.get(match.eventId);
    // Two records with one event id should be equal; where they are not, the choice between them
    // must not depend on which came first.
    if (held !== undefined && !isBefore(match, held)) return;
    ofRule.set(match.eventId, { ...match, context: this.#share(match.context) });
  }

  /** Every match; of one rule together. */
  *values(): Generator<LogMatch, void> {
    for (const ofRule of this.#byRule.values()) yield* ofRule.values();
  }

  /** The matches of one rule by time, then by event id. */
  ofRule(rule: number): readonly LogMatch[] {
    return [...(this.#byRule.get(rule)?.values() ?? [])].toSorted(compareMatches);
  }

  /** Calls of one caller have the same context, and it need be held, and sent, once only. */
  #share(context: JsonObject): JsonObject {
    const known = this.#known.get(context);
    if (known !== undefined) return known;
    const key = JSON.stringify(context);
    const shared = this.#contexts.get(key) ?? context;
    this.#contexts.set(key, shared);
    this.#known.set(context, shared);
    return shared;
  }
}

function isBefore(match: LogMatch, held: LogMatch): boolean {
  if (match.eventTimeMs !== held.eventTimeMs) return match.eventTimeMs < held.eventTimeMs;
  return JSON.stringify(match) < JSON.stringify(held);
}
