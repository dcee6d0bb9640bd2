// The part of a record at given paths, in the record's own shape: what is kept of a record that
// itself goes. Bounded whatever the record holds; own properties alone count.

import { isObject, type JsonObject } from '../../model/json.ts';
import { keepRecord } from '../../normalize/kept-record.ts';

/** Elements of one array that are kept. */
const keptElements = 100;
/** Arrays in arrays; AWS writes none. */
const deepest = 8;

type Step = { isWhole: boolean; readonly next: Map<string, Step> };

/** @param paths dotted, without `@`; they step through arrays, and a key may hold dots */
export function compileProjection(paths: Iterable<string>): (record: JsonObject) => JsonObject {
  const root: Step = { isWhole: false, next: new Map() };
  for (const path of paths) {
    let step = root;
    for (const part of path.split('.')) {
      const next = step.next.get(part) ?? { isWhole: false, next: new Map() };
      step.next.set(part, next);
      step = next;
    }
    step.isWhole = true;
  }
  return (record) => keepRecord(projectObject(record, root, 0));
}

function projectObject(object: JsonObject, step: Step, depth: number): JsonObject {
  const kept: [string, unknown][] = [];
  for (const key of Object.keys(object)) {
    const next = follow(step, key);
    const value = next === undefined ? undefined : project(object[key], next, depth);
    if (value !== undefined) kept.push([key, value]);
  }
  return Object.fromEntries(kept);
}

/** The step at the end of a key, which may stand for several parts of a path. */
function follow(step: Step, key: string): Step | undefined {
  const direct = step.next.get(key);
  if (direct !== undefined || !key.includes('.')) return direct;
  let at: Step | undefined = step;
  for (const part of key.split('.')) at = at?.next.get(part);
  return at;
}

function project(value: unknown, step: Step, depth: number): unknown {
  if (step.isWhole) return value;
  if (Array.isArray(value)) {
    if (depth === deepest) return undefined;
    return value.slice(0, keptElements).map((element) => project(element, step, depth + 1));
  }
  return isObject(value) ? projectObject(value, step, depth) : undefined;
}
