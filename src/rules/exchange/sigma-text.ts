// Sigma's texts as patterns of the query language: `*` and `?` are wildcards, a backslash before one
// of them or before another backslash takes its meaning away, and else is a backslash.
// https://sigmahq.io/sigma-specification/specification/sigma-rules-specification.html#escaping

import type { Pattern, Test } from '../../query/index.ts';

type Part = Pattern[number];

/** The wildcards as the query language has them. */
export const star: Part = { wildcard: '*' };
export const one: Part = { wildcard: '?' };

export function patternOf(text: string): Pattern {
  const parts: Part[] = [];
  for (const [match, escaped] of text.matchAll(/\\([\\*?])|[^]/gu)) {
    if (escaped !== undefined) parts.push(escaped);
    else parts.push(match === '*' ? star : match === '?' ? one : match);
  }
  return joined(parts);
}

/** No two texts side by side, no empty one, no star after a star. */
export function joined(parts: readonly Part[]): Pattern {
  const pattern: Part[] = [];
  for (const part of parts) {
    const last = pattern.at(-1);
    if (typeof part === 'string' && typeof last === 'string') {
      pattern[pattern.length - 1] = last + part;
    } else if (part !== '' && !(isStar(part) && isStar(last))) pattern.push(part);
  }
  return pattern;
}

function isStar(part: Part | undefined): boolean {
  return typeof part === 'object' && part.wildcard === '*';
}

/** What is asked of a value that has to match all of a pattern. */
export function testOf(pattern: Pattern): Test {
  const [first, second] = pattern;
  if (first === undefined) return { kind: 'equals', value: '' };
  if (second !== undefined) return { kind: 'like', pattern };
  if (typeof first === 'string') return { kind: 'equals', value: first };
  return isStar(first) ? { kind: 'exists' } : { kind: 'like', pattern };
}

/** Whether a pattern would match other texts if upper and lower case were one. */
export function hasCase(pattern: Pattern): boolean {
  return pattern.some(
    (part) => typeof part === 'string' && part.toLowerCase() !== part.toUpperCase(),
  );
}

/** A pattern's or a text's own characters as Sigma writes them. */
export function sigmaText(pattern: Pattern): string {
  return pattern
    .map((part) => (typeof part === 'string' ? part.replaceAll(/[\\*?]/g, '\\$&') : part.wildcard))
    .join('');
}
