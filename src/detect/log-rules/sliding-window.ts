// What a query comes to over a window that slides: records enter at one end and leave at the other,
// in the same order. Each step takes constant time on average, however wide the window.

import type { LogQuery } from '../../model/rule.ts';
import type { LogHit } from './log-match.ts';

export type SlidingWindow = {
  enter(hit: LogHit): void;
  /** The hit that entered first of those that are in the window. */
  leave(hit: LogHit): void;
  /** What the query comes to; NaN where there is nothing to tell it from. */
  value(): number;
};

export function createWindow({ aggregation }: LogQuery): SlidingWindow {
  switch (aggregation) {
    case 'count':
      return new CountWindow();
    case 'cardinality':
      return new DistinctWindow();
    case 'sum':
      return new FoldWindow((a, b) => a + b, 0, 0);
    case 'max':
      return new FoldWindow(Math.max, -Infinity, Number.NaN);
    case 'new_value':
    case 'geo_data':
    case 'event_count':
    case 'none':
      throw new RangeError(`no window can tell ${aggregation}`);
    default:
      return aggregation satisfies never;
  }
}

class CountWindow implements SlidingWindow {
  #count = 0;

  enter(): void {
    this.#count += 1;
  }

  leave(): void {
    this.#count -= 1;
  }

  value(): number {
    return this.#count;
  }
}

class DistinctWindow implements SlidingWindow {
  readonly #counts = new Map<string | number, number>();

  enter({ values }: LogHit): void {
    for (const value of values) this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
  }

  leave({ values }: LogHit): void {
    for (const value of values) {
      const left = (this.#counts.get(value) ?? 0) - 1;
      if (left > 0) this.#counts.set(value, left);
      else this.#counts.delete(value);
    }
  }

  value(): number {
    return this.#counts.size;
  }
}

/**
 * Folds the numbers in the window without ever taking one away again, which sums could not do
 * exactly and maxima not at all: a queue made of two stacks, where each element of the first is the
 * fold of its number and of all below it.
 */
class FoldWindow implements SlidingWindow {
  readonly #combine: (a: number, b: number) => number;
  /** Changes nothing that it is combined with. */
  readonly #neutral: number;
  readonly #ofNothing: number;
  /** Folds of what entered earlier; the first to leave is on top. */
  readonly #leaving: number[] = [];
  /** The numbers that entered since, and their fold. */
  readonly #entered: number[] = [];
  #enteredFold: number;

  constructor(combine: (a: number, b: number) => number, neutral: number, ofNothing: number) {
    this.#combine = combine;
    this.#neutral = neutral;
    this.#ofNothing = ofNothing;
    this.#enteredFold = neutral;
  }

  enter({ values }: LogHit): void {
    const number = Number(values[0]);
    this.#entered.push(number);
    this.#enteredFold = this.#combine(this.#enteredFold, number);
  }

  leave(): void {
    if (this.#leaving.length === 0) {
      let fold = this.#neutral;
      for (const number of this.#entered.splice(0).toReversed()) {
        fold = this.#combine(number, fold);
        this.#leaving.push(fold);
      }
      this.#enteredFold = this.#neutral;
    }
    this.#leaving.pop();
  }

  value(): number {
    return this.#leaving.length === 0 && this.#entered.length === 0
      ? this.#ofNothing
      : this.#combine(this.#leaving.at(-1) ?? this.#neutral, this.#enteredFold);
  }
}
