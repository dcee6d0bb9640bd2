// Matches on their way between threads: columns in place of objects, and each kind once, as text.
// Structured clone takes many times as long for as many objects, and most contexts are never looked
// at again: they stay texts until they are.

import type { JsonObject } from '../../model/json.ts';
import { LogMatch, type LogHit, type MatchKind } from './log-match.ts';

export type PackedMatches = {
  readonly eventIds: readonly string[];
  readonly timesMs: Float64Array;
  /** For each match, the position of its kind. */
  readonly kindIndexes: Uint32Array;
  /** For each kind, its rule, and its hits and its context as JSON. */
  readonly rules: Uint32Array;
  readonly hits: readonly string[];
  readonly contexts: readonly string[];
  /** For the few whose time is not written in the usual way: position and time. */
  readonly unusualTimes: readonly (readonly [index: number, time: string])[];
};

export function packMatches(matches: readonly LogMatch[]): PackedMatches {
  const timesMs = new Float64Array(matches.length);
  const kindIndexes = new Uint32Array(matches.length);
  const kinds = new Map<MatchKind, number>();
  const unusualTimes: [number, string][] = [];
  for (const [index, { eventTimeMs, kind, unusualTime }] of matches.entries()) {
    const known = kinds.get(kind);
    const kindIndex = known ?? kinds.size;
    if (known === undefined) kinds.set(kind, kindIndex);
    timesMs[index] = eventTimeMs;
    kindIndexes[index] = kindIndex;
    if (unusualTime !== null) unusualTimes.push([index, unusualTime]);
  }
  const list = [...kinds.keys()];
  return {
    eventIds: matches.map(({ eventId }) => eventId),
    timesMs,
    kindIndexes,
    rules: Uint32Array.from(list, ({ rule }) => rule),
    hits: list.map(({ hits }) => JSON.stringify(hits)),
    contexts: list.map(({ context }) => JSON.stringify(context)),
    unusualTimes,
  };
}

/**
 * Unpacks what several threads have packed. All that comes from a thread is a copy; what recurs in
 * it is kept once.
 */
export class MatchUnpacker {
  readonly #hits = new Map<string, readonly LogHit[]>();
  readonly #contexts = new Map<string, Context>();

  unpack(packed: PackedMatches): readonly LogMatch[] {
    const { eventIds, timesMs, kindIndexes, rules, hits, contexts } = packed;
    const kinds = hits.map(
      (text, index) =>
        new UnpackedKind(
          rules[index] ?? -1,
          this.#hitsOf(text),
          this.#contextOf(contexts[index] ?? '{}'),
        ),
    );
    const unusualTimes = new Map(packed.unusualTimes);
    return eventIds.flatMap((eventId, index) => {
      const kind = kinds[kindIndexes[index] ?? -1];
      const timeMs = timesMs[index] ?? Number.NaN;
      return kind === undefined
        ? []
        : [new LogMatch(eventId, timeMs, kind, unusualTimes.get(index) ?? null)];
    });
  }

  #hitsOf(text: string): readonly LogHit[] {
    const known = this.#hits.get(text);
    if (known !== undefined) return known;
    // Only `packMatches` writes these.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const hits = JSON.parse(text) as readonly LogHit[];
    this.#hits.set(text, hits);
    return hits;
  }

  #contextOf(text: string): Context {
    const known = this.#contexts.get(text);
    if (known !== undefined) return known;
    const context = new Context(text);
    this.#contexts.set(text, context);
    return context;
  }
}

/** Read when it is first asked for. */
class Context {
  readonly #text: string;
  #value: JsonObject | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get value(): JsonObject {
    // Only `packMatches` writes these.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return (this.#value ??= JSON.parse(this.#text) as JsonObject);
  }
}

class UnpackedKind implements MatchKind {
  readonly rule: number;
  readonly hits: readonly LogHit[];
  readonly #context: Context;

  constructor(rule: number, hits: readonly LogHit[], context: Context) {
    this.rule = rule;
    this.hits = hits;
    this.#context = context;
  }

  get context(): JsonObject {
    return this.#context.value;
  }
}
