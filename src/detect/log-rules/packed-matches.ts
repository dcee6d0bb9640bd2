// Matches on their way between threads: columns in place of objects, and each kind once. Structured
// clone takes many times as long for as many objects.

import { isObject } from '../../model/json.ts';
import { LogMatch, type MatchKind } from './log-match.ts';

export type PackedMatches = {
  readonly eventIds: readonly string[];
  readonly timesMs: Float64Array;
  /** For each match, the position of its kind. */
  readonly kindIndexes: Uint32Array;
  readonly kinds: readonly MatchKind[];
  /** For the few whose time is not written in the usual way: position and time. */
  readonly unusualTimes: readonly (readonly [index: number, time: string])[];
};

export function packMatches(matches: readonly LogMatch[]): PackedMatches {
  const timesMs = new Float64Array(matches.length);
  const kindIndexes = new Uint32Array(matches.length);
  const kinds = new Map<MatchKind, number>();
  const unusualTimes: [number, string][] = [];
  for (const [index, { eventTimeMs, kind, unusualTime }] of matches.entries()) {
    const kindIndex = kinds.get(kind) ?? kinds.size;
    kinds.set(kind, kindIndex);
    timesMs[index] = eventTimeMs;
    kindIndexes[index] = kindIndex;
    if (unusualTime !== null) unusualTimes.push([index, unusualTime]);
  }
  return {
    eventIds: matches.map(({ eventId }) => eventId),
    timesMs,
    kindIndexes,
    kinds: [...kinds.keys()],
    unusualTimes,
  };
}

/**
 * Unpacks what several threads have packed. All that comes from a thread is a copy; texts and objects
 * recur in it, and of each one is kept.
 */
export class MatchUnpacker {
  readonly #texts = new Map<string, string>();
  readonly #objects = new Map<string, object>();

  unpack(packed: PackedMatches): readonly LogMatch[] {
    const { eventIds, timesMs, kindIndexes } = packed;
    const kinds = packed.kinds.map((kind) => this.#withShared(kind));
    const unusualTimes = new Map(packed.unusualTimes);
    return eventIds.flatMap((eventId, index) => {
      const kind = kinds[kindIndexes[index] ?? -1];
      const timeMs = timesMs[index] ?? Number.NaN;
      return kind === undefined
        ? []
        : [new LogMatch(eventId, timeMs, kind, unusualTimes.get(index) ?? null)];
    });
  }

  #withShared({ rule, hits, context }: MatchKind): MatchKind {
    const shared = Object.entries(context).map(([key, value]): [string, unknown] => [
      key,
      typeof value === 'string'
        ? this.#sharedText(value)
        : isObject(value)
          ? this.#sharedObject(value)
          : value,
    ]);
    return {
      rule,
      hits: this.#sharedObject(hits),
      context: Object.fromEntries<unknown>(shared),
    };
  }

  #sharedText(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }

  #sharedObject<T extends object>(object: T): T {
    const key = JSON.stringify(object);
    const known = this.#objects.get(key);
    // What is held under a key is what an equal object was; a list's key is never an object's.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    if (known !== undefined) return known as T;
    this.#objects.set(key, object);
    return object;
  }
}
