// Finds the one object that stands for equal kinds of matches, without building the others first: the
// part of a record at given paths is told apart by a key made from its values in passing. Bounded
// whatever a record holds; own properties alone count.

import { isObject, type JsonObject } from '../../model/json.ts';
import { keepRecord } from '../../normalize/kept-record.ts';
import type { LogHit, MatchKind } from './log-match.ts';

/** Elements of one array that are kept. */
const keptElements = 100;
/** Arrays in arrays; AWS writes none. */
const deepest = 8;
/** Characters of one text that are kept. */
const keptChars = 2048;

export type KeptPaths = {
  /** Dotted, without `@`, each part a key of its own. */
  readonly exact: Iterable<string>;
  /** Likewise, but a key may hold dots, and so stand for several parts. */
  readonly dotted: Iterable<string>;
};

/** What the kinds of several rules share: numbers for texts, which are shorter in keys. */
export class KindMemory {
  readonly #texts = new Map<string, number>();
  #kinds = 0;

  /** Kinds that were added since the last time that all was forgotten. */
  get kinds(): number {
    return this.#kinds;
  }

  added(): void {
    this.#kinds += 1;
  }

  /** Equal for equal texts, and only for those. */
  numberOf(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.size;
    this.#texts.set(text, number);
    return number;
  }

  clear(): void {
    this.#texts.clear();
    this.#kinds = 0;
  }
}

export class MatchKinds {
  readonly #rule: number;
  readonly #memory: KindMemory;
  readonly #root: Step;
  readonly #kinds = new Map<string, MatchKind>();
  /** Objects in contexts by their keys: who called recurs with many kinds of calls. */
  readonly #parts = new Map<string, Part>();

  /**
   * @param rule position among the rules that are run
   * @param paths what is kept of a record; they step through arrays
   * @param memory shared by the rules; to be cleared together with the kinds of all of them
   */
  constructor(rule: number, { exact, dotted }: KeptPaths, memory: KindMemory) {
    this.#rule = rule;
    this.#memory = memory;
    const root = newStep();
    for (const path of exact) addExactPath(root, path.split('.'));
    for (const path of dotted) addDottedPath(root, path.split('.'));
    this.#root = root;
  }

  /** Forgets all kinds: those found later are objects of their own. */
  clear(): void {
    this.#kinds.clear();
    this.#parts.clear();
  }

  /** The kind of a match: of equal ones the same object, as long as it is remembered. */
  of(record: JsonObject, hits: readonly LogHit[]): MatchKind {
    const { names, steps } = this.#root;
    const parts: (Part | undefined)[] = [];
    let key = this.#hitsKey(hits);
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] ?? '';
      const step = steps[index];
      if (step === undefined || !Object.hasOwn(record, name)) {
        key += absent;
        continue;
      }
      const value = record[name];
      if (isObject(value) && !step.isWhole) {
        const object = this.#part(value, step);
        parts[index] = object;
        key += `o${object.number},`;
      } else {
        key += this.#keyOf(value, step);
      }
    }
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    const context = keepRecord(this.#context(record, parts));
    const kind = { rule: this.#rule, hits, context };
    this.#kinds.set(key, kind);
    this.#memory.added();
    return kind;
  }

  #hitsKey(hits: readonly LogHit[]): string {
    let key = '';
    for (const { query, groups, values } of hits) {
      key += `${query}:`;
      for (const group of groups) key += `${this.#memory.numberOf(group)},`;
      key += ':';
      for (const value of values) {
        key += typeof value === 'string' ? `${this.#memory.numberOf(value)},` : `n${value},`;
      }
      key += ';';
    }
    return key;
  }

  /** What stands at each name: equal for objects, and only for those, whose parts there are equal. */
  #keysOf(object: JsonObject, { names, steps }: Step): string {
    let keys = '';
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] ?? '';
      const step = steps[index];
      keys +=
        step !== undefined && Object.hasOwn(object, name)
          ? this.#keyOf(object[name], step)
          : absent;
    }
    return keys;
  }

  #keyOf(value: unknown, step: Step): string {
    if (typeof value === 'string') {
      if (!step.isWhole) return '.,';
      return `${this.#memory.numberOf(value.slice(0, keptChars))},`;
    }
    if (isObject(value) && !step.isWhole) return `{${this.#keysOf(value, step)}}`;
    return `j${this.#memory.numberOf(JSON.stringify([project(value, step, 0)]))},`;
  }

  #part(value: JsonObject, step: Step): Part {
    const key = this.#keysOf(value, step);
    const known = this.#parts.get(key);
    if (known !== undefined) return known;
    const added = { number: this.#parts.size, value: part(value, step, 0) };
    this.#parts.set(key, added);
    return added;
  }

  #context(record: JsonObject, parts: readonly (Part | undefined)[]): JsonObject {
    const context: Record<string, unknown> = {};
    for (const [index, name] of this.#root.names.entries()) {
      const step = this.#root.steps[index];
      if (step === undefined || !Object.hasOwn(record, name)) continue;
      const value = parts[index]?.value ?? project(record[name], step, 0);
      if (value !== undefined) define(context, name, value);
    }
    return context;
  }
}

const absent = '-,';

/** An object in a context: equal ones have the same number. */
type Part = { readonly number: number; readonly value: JsonObject };

/** Like an assignment, but `__proto__` is a key like another. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true });
  else object[key] = value;
}

/** A place of the paths, with the keys that lead on from it and where they lead. */
type Step = { isWhole: boolean; readonly names: string[]; readonly steps: Step[] };

function newStep(): Step {
  return { isWhole: false, names: [], steps: [] };
}

function addExactPath(step: Step, parts: readonly string[]): void {
  const [name, ...rest] = parts;
  if (name === undefined) step.isWhole = true;
  else addExactPath(stepTo(step, name), rest);
}

/** A key may hold the first part of a path, the first two, and so on up to all of it. */
function addDottedPath(step: Step, parts: readonly string[]): void {
  if (parts.length === 0) step.isWhole = true;
  for (const index of parts.keys()) {
    const name = parts.slice(0, index + 1).join('.');
    addDottedPath(stepTo(step, name), parts.slice(index + 1));
  }
}

function stepTo(step: Step, name: string): Step {
  const known = step.steps[step.names.indexOf(name)];
  if (known !== undefined) return known;
  const added = newStep();
  step.names.push(name);
  step.steps.push(added);
  return added;
}

/** What is kept of a value; undefined where that is nothing, or too much. */
function project(value: unknown, step: Step, depth: number): unknown {
  if (step.isWhole) {
    if (typeof value === 'string') return value.slice(0, keptChars);
    return typeof value === 'object' ? keepRecord({ value })['value'] : value;
  }
  if (Array.isArray(value)) {
    if (depth === deepest) return undefined;
    return value.slice(0, keptElements).map((element) => project(element, step, depth + 1));
  }
  return isObject(value) ? part(value, step, depth) : undefined;
}

function part(object: JsonObject, { names, steps }: Step, depth: number): JsonObject {
  const kept: Record<string, unknown> = {};
  for (const [index, name] of names.entries()) {
    const step = steps[index];
    if (step === undefined || !Object.hasOwn(object, name)) continue;
    const value = project(object[name], step, depth);
    if (value !== undefined) define(kept, name, value);
  }
  return kept;
}
