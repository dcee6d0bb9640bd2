// JSON for a script element of the page. No text in it can end the element or open a comment.

import { safeJson } from '../machine-json.ts';

function inert(value: unknown): string {
  return safeJson(value).replaceAll('<', String.raw`\u003c`);
}

/** The object's JSON in pieces, list by list and item by item, so that no piece is large. */
export function* embedJson(value: object): Iterable<string> {
  let separator = '{';
  for (const [key, part] of Object.entries(value) as [string, unknown][]) {
    yield `${separator}${inert(key)}:`;
    separator = ',';
    if (!Array.isArray(part)) {
      yield inert(part);
      continue;
    }
    yield '[';
    for (const [index, item] of part.entries()) {
      yield `${index === 0 ? '' : ',\n'}${inert(item)}`;
    }
    yield ']';
  }
  yield separator === '{' ? '{}' : '}';
}
