// Finds what a template names in the context, and writes it as text. A name that is missing is the
// empty text. Own properties alone count.

import { isObject, type JsonObject } from '../model/json.ts';

/**
 * The values at a path. A whole number picks one element of an array, every other part steps through
 * all of them; a key may hold dots. Null is no value.
 */
export function contextValues(context: JsonObject, parts: readonly string[]): readonly unknown[] {
  return valuesAt(context, parts);
}

function valuesAt(value: unknown, parts: readonly string[]): readonly unknown[] {
  const [part, ...rest] = parts;
  if (Array.isArray(value)) {
    return part !== undefined && /^\d+$/.test(part)
      ? valuesAt(value[Number(part)], rest)
      : value.flatMap((element: unknown) => valuesAt(element, parts));
  }
  if (part === undefined) return value === null || value === undefined ? [] : [value];
  if (!isObject(value)) return [];
  return parts.flatMap((_, index) => {
    const key = parts.slice(0, index + 1).join('.');
    return Object.hasOwn(value, key) ? valuesAt(value[key], parts.slice(index + 1)) : [];
  });
}

/** Each value once, in order; an object as JSON. */
export function valuesText(values: readonly unknown[]): string {
  return Array.from(new Set(values.map(valueText))).join(', ');
}

export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
