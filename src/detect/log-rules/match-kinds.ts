// Finds the one object that stands for equal kinds of matches, without building the others first: a
// record is compared with what was kept of the same caller's last ones. Bounded whatever a record
// holds; own properties alone count.

import { isObject, own, type JsonObject } from '../../model/json.ts';
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

/** How many kinds the rules remember together, so that all can forget in time. */
export class KindMemory {
  #kinds = 0;

  /** Kinds that were added since the last time that all was forgotten. */
  get kinds(): number {
    return this.#kinds;
  }

  added(): void {
    this.#kinds += 1;
  }

  clear(): void {
    this.#kinds = 0;
  }
}

/** A kind, with what was kept of its first record before it was found too large. */
type Known = { readonly kind: MatchKind; readonly kept: JsonObject };

export class MatchKinds {
  readonly #rule: number;
  readonly #memory: KindMemory;
  readonly #root: Step;
  /** The latest kinds of each caller, among which a record's is looked for. */
  readonly #byCaller = new Map<string, Known[]>();

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
    this.#byCaller.clear();
  }

  /** The kind of a match: of equal ones the same object, as long as it is remembered. */
  of(record: JsonObject, hits: readonly LogHit[]): MatchKind {
    const caller = callerOf(record);
    const known = this.#byCaller.get(caller) ?? [];
    if (known.length === 0) this.#byCaller.set(caller, known);
    for (let index = known.length - 1; index >= 0; index -= 1) {
      const candidate = known[index];
      if (
        candidate !== undefined &&
        areEqualHits(candidate.kind.hits, hits) &&
        isPartOf(candidate.kept, record, this.#root)
      ) {
        return candidate.kind;
      }
    }
    const kept = this.#keep(record, known);
    const kind = { rule: this.#rule, hits, context: keepRecord(kept) };
    if (known.length === mostOfCaller) known.shift();
    known.push({ kind, kept });
    this.#memory.added();
    return kind;
  }

  /** The part of a record at the paths; an object in it is that of a known kind where they are equal. */
  #keep(record: JsonObject, known: readonly Known[]): JsonObject {
    const context: Record<string, unknown> = {};
    for (const [index, name] of this.#root.names.entries()) {
      const step = this.#root.steps[index];
      if (step === undefined || !Object.hasOwn(record, name)) continue;
      const given = record[name];
      const value =
        (isObject(given) ? sharedPart(given, step, name, known) : undefined) ??
        project(given, step, 0);
      if (value !== undefined) define(context, name, value);
    }
    return context;
  }
}

/** Kinds of one caller that are looked through; more than these are seldom in turns. */
const mostOfCaller = 8;

/** Whatever tells callers apart best: it narrows the search, and no more. */
function callerOf(record: JsonObject): string {
  const identity = own(record, 'userIdentity');
  const caller =
    own(identity, 'accessKeyId') ??
    own(identity, 'arn') ??
    own(identity, 'invokedBy') ??
    own(record, 'sourceIPAddress');
  return typeof caller === 'string' ? caller : '';
}

function sharedPart(
  given: JsonObject,
  step: Step,
  name: string,
  known: readonly Known[],
): JsonObject | undefined {
  for (const { kept } of known) {
    const ofKept = own(kept, name);
    if (isObject(ofKept) && isKept(ofKept, given, step)) return ofKept;
  }
  return undefined;
}

function areEqualHits(some: readonly LogHit[], others: readonly LogHit[]): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index += 1) {
    const one = some[index];
    const other = others[index];
    if (one === undefined || other === undefined || one.query !== other.query) return false;
    if (!areEqualLists(one.groups, other.groups)) return false;
    if (!areEqualLists(one.values, other.values)) return false;
  }
  return true;
}

function areEqualLists(some: readonly unknown[], others: readonly unknown[]): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index += 1) {
    if (some[index] !== others[index]) return false;
  }
  return true;
}

/** Whether `kept` is what would be kept of an object, told without keeping it. */
function isPartOf(kept: JsonObject, object: JsonObject, { names, steps }: Step): boolean {
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] ?? '';
    const step = steps[index];
    const ofKept = Object.hasOwn(kept, name) ? kept[name] : undefined;
    const given = Object.hasOwn(object, name) ? object[name] : undefined;
    if (step === undefined || !isKept(ofKept, given, step)) return false;
  }
  return true;
}

function isKept(kept: unknown, given: unknown, step: Step): boolean {
  if (typeof given === 'object' && given !== null) {
    if (!step.isWhole && isObject(given)) return isObject(kept) && isPartOf(kept, given, step);
    return JSON.stringify(kept) === JSON.stringify(project(given, step, 0));
  }
  if (!step.isWhole) return kept === undefined;
  return kept === (typeof given === 'string' ? given.slice(0, keptChars) : given);
}

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
