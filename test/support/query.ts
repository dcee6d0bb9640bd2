// Queries and objects made up for tests, from so few words that they often match, and a second,
// slow and obvious reading of what a query means, against which the real one is held.

import * as fc from 'fast-check';
import {
  and,
  not,
  or,
  type Attribute,
  type Pattern,
  type Query,
  type Test,
} from '../../src/query/ast.ts';

const words = ['a', 'b', 'ab', 'ba', 'A', '1', '10', '-1', '2.5', 'true', '10.0.0.1', '10.0.0.0/8'];
const odd = [
  '',
  ' ',
  'a b',
  '"',
  '\\',
  'a\\b',
  '-a',
  '@a',
  '*',
  'AND',
  'OR',
  'NOT',
  'TO',
  'a:b',
  'é',
  '😀',
  '“',
];
const names = ['a', 'b', 'c', 'a.b', 'a.b.c', 'b.a', 'message', 'tags', 'evt.name', 'eventName'];
const oddNames = [
  '__proto__',
  'constructor',
  'a b',
  '-a',
  '@a',
  'a:b',
  'a,b',
  'a*',
  'NOT',
  '.',
  'a.',
  'é',
];

const literal = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...words) },
  { weight: 2, arbitrary: fc.constantFrom(...odd) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 5 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) },
);

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...names) },
  { weight: 1, arbitrary: fc.constantFrom(...oddNames) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }) },
);

const number = fc.oneof(
  fc.constantFrom(-1, 0, 1, 2.5, 10),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
);

/** A pattern in normal form: no empty string, no two strings side by side, no two stars. */
const pattern: fc.Arbitrary<Pattern> = fc
  .array(
    fc.oneof(literal, fc.constantFrom({ wildcard: '*' } as const, { wildcard: '?' } as const)),
    { maxLength: 5 },
  )
  .map((parts) => {
    const normal: Pattern[number][] = [];
    for (const part of parts) {
      const last = normal.at(-1);
      if (part === '') continue;
      if (typeof part === 'string' && typeof last === 'string')
        normal[normal.length - 1] = last + part;
      else if (!(isStar(part) && isStar(last))) normal.push(part);
    }
    return normal;
  });

/** A pattern that the language writes as one: not a lone star, not a string alone. */
const wildcards = pattern.filter(
  (parts) =>
    parts.some((part) => typeof part !== 'string') && !(parts.length === 1 && isStar(parts[0])),
);

function isStar(part: Pattern[number] | undefined): boolean {
  return typeof part === 'object' && part.wildcard === '*';
}

const attribute: fc.Arbitrary<Attribute> = fc.oneof(
  { weight: 6, arbitrary: name.map((path) => ({ kind: 'path', path }) as const) },
  { weight: 2, arbitrary: name.map((text) => ({ kind: 'reserved', name: text }) as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'any' } as const) },
);

const bound = fc.option(fc.record({ value: number, inclusive: fc.boolean() }));

function list<T>(term: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(term, { minLength: 2, maxLength: 3 });
}

const { test } = fc.letrec<{ test: Test; leaf: Test }>((tie) => ({
  test: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 4, arbitrary: tie('leaf') },
    { weight: 1, arbitrary: list(tie('test')).map((terms) => and(terms)) },
    { weight: 2, arbitrary: list(tie('test')).map((terms) => or(terms)) },
    { weight: 1, arbitrary: tie('test').map((term) => not(term)) },
  ),
  leaf: fc.oneof(
    { weight: 6, arbitrary: literal.map((value) => ({ kind: 'equals', value }) as const) },
    { weight: 1, arbitrary: fc.constant({ kind: 'exists' } as const) },
    { weight: 2, arbitrary: wildcards.map((parts) => ({ kind: 'like', pattern: parts }) as const) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('compare' as const),
        operator: fc.constantFrom('>', '>=', '<', '<=' as const),
        value: number,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('range' as const), from: bound, to: bound }),
    },
  ),
}));

const block = fc.constantFrom('10.0.0.0/8', '10.0.0.1/32', '0.0.0.0/0', '::/0', '2001:db8::/32');

/** Any query in normal form. */
export const { query } = fc.letrec<{ query: Query; leaf: Query }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 4, arbitrary: tie('leaf') },
    { weight: 2, arbitrary: list(tie('query')).map((terms) => and(terms)) },
    { weight: 2, arbitrary: list(tie('query')).map((terms) => or(terms)) },
    { weight: 1, arbitrary: tie('query').map((term) => not(term)) },
  ),
  leaf: fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('match' as const), attribute, test }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('cidr' as const),
        path: name,
        blocks: fc.array(block, { minLength: 1, maxLength: 2 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc
        .oneof(
          wildcards,
          literal.map((text) => (text === '' ? [] : [text])),
        )
        .map((parts) => ({ kind: 'text', pattern: parts }) as const),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'all' } as const) },
  ),
}));

/** Any value as JSON has it, with the names and words of the queries. */
export const { object } = fc.letrec<{ object: object; value: unknown }>((tie) => ({
  object: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 6, arbitrary: literal },
    { weight: 1, arbitrary: fc.constantFrom(-1, 1, 2.5, 10, true, false, null) },
    { weight: 3, arbitrary: tie('object') },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
  ),
}));

/** What a query means, read off its definition. */
export function means(asked: Query, subject: unknown): boolean {
  switch (asked.kind) {
    case 'all':
      return true;
    case 'and':
      return asked.terms.every((term) => means(term, subject));
    case 'or':
      return asked.terms.some((term) => means(term, subject));
    case 'not':
      return !means(asked.term, subject);
    case 'match':
      return testMeans(asked.test, valuesOf(asked.attribute, subject));
    case 'cidr':
      return valuesOf({ kind: 'path', path: asked.path }, subject).some((value) =>
        asked.blocks.some((wider) => liesIn(value, wider)),
      );
    case 'text':
      return valuesOf({ kind: 'path', path: 'message' }, subject)
        .filter((message) => typeof message === 'string')
        .some((message) => textMeans(asked.pattern, message));
    default:
      return asked satisfies never;
  }
}

type Found = { readonly path: string | null; readonly value: unknown };

/** Every value of an object with its keys joined by dots; arrays add nothing to a path. */
function everything(value: unknown, path: string | null = null): Found[] {
  if (Array.isArray(value)) return value.flatMap((element) => everything(element, path));
  if (value === null || value === undefined) return [];
  const inside =
    typeof value === 'object'
      ? Object.entries(value).flatMap(([key, inner]) =>
          everything(inner, path === null ? key : `${path}.${key}`),
        )
      : [];
  return [{ path, value }, ...inside];
}

function valuesOf(of: Attribute, subject: unknown): unknown[] {
  const found = everything(subject);
  const at = (path: string): unknown[] =>
    found.filter((one) => one.path === path).map((one) => one.value);
  switch (of.kind) {
    case 'path':
      return at(of.path);
    case 'reserved':
      return [
        ...at(of.name),
        ...at('tags')
          .filter((tag) => typeof tag === 'string')
          .filter((tag) => tag.startsWith(`${of.name}:`))
          .map((tag) => tag.slice(of.name.length + 1)),
      ];
    case 'any':
      return found.map((one) => one.value).filter((value) => typeof value !== 'object');
    default:
      return of satisfies never;
  }
}

function testMeans(asked: Test, values: readonly unknown[]): boolean {
  const scalars = values.filter((value) => typeof value !== 'object');
  switch (asked.kind) {
    case 'and':
      return asked.terms.every((term) => testMeans(term, values));
    case 'or':
      return asked.terms.some((term) => testMeans(term, values));
    case 'not':
      return !testMeans(asked.term, values);
    case 'exists':
      return values.length > 0;
    case 'equals':
      return scalars.some((value) => String(value) === asked.value);
    case 'like':
      return scalars.some((value) => likeMeans(asked.pattern, Array.from(String(value))));
    case 'compare': {
      const { operator, value: limit } = asked;
      return scalars.map(numberIn).some((value) => {
        if (operator === '>') return value > limit;
        if (operator === '>=') return value >= limit;
        return operator === '<' ? value < limit : value <= limit;
      });
    }
    case 'range': {
      const { from, to } = asked;
      return scalars
        .map(numberIn)
        .filter((value) => !Number.isNaN(value))
        .some(
          (value) =>
            (from === null || value > from.value || (from.inclusive && value === from.value)) &&
            (to === null || value < to.value || (to.inclusive && value === to.value)),
        );
    }
    default:
      return asked satisfies never;
  }
}

function numberIn(value: unknown): number {
  if (typeof value === 'number') return value;
  const isDecimal = typeof value === 'string' && /^[-+]?[\d.]+(?:[eE][-+]?\d+)?$/.test(value);
  return isDecimal ? Number(value) : Number.NaN;
}

/** Tries every way there is. `gap` is a character that a star does not run over. */
export function likeMeans(sought: Pattern, characters: readonly string[], gap?: string): boolean {
  const [part, ...rest] = sought;
  if (part === undefined) return characters.length === 0;
  if (typeof part === 'string') {
    const own = Array.from(part);
    return (
      own.every((character, index) => characters[index] === character) &&
      likeMeans(rest, characters.slice(own.length), gap)
    );
  }
  if (part.wildcard === '?')
    return characters.length > 0 && likeMeans(rest, characters.slice(1), gap);
  return (
    likeMeans(rest, characters, gap) ||
    (characters.length > 0 && characters[0] !== gap && likeMeans(sought, characters.slice(1), gap))
  );
}

function textMeans(sought: Pattern, message: string): boolean {
  const texts = sought.filter((part) => typeof part === 'string');
  const isPunctuation = texts.length === sought.length && gapped(texts.join('')).trim() === '';
  if (isPunctuation) return message.includes(texts.join(''));
  // The pattern and the message alike: in lower case, with one gap for whatever is no word, and a gap
  // at both ends.
  const spoken = gapped(message).trim();
  const shown = spoken === '' ? [] : Array.from(` ${spoken} `);
  const stars = sought.map((part) => {
    if (typeof part === 'string') return gapped(part);
    return part.wildcard === '*' ? '\u0001' : '\u0002';
  });
  const whole = Array.from(` ${stars.join('')} `.replace(/ {2,}/g, ' ')).map(
    (character): Pattern[number] => {
      if (character === '\u0001') return { wildcard: '*' };
      return character === '\u0002' ? { wildcard: '?' } : character;
    },
  );
  return shown.some((_, start) =>
    shown.some((__, end) => likeMeans(whole, shown.slice(start, end + 1), ' ')),
  );
}

function gapped(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}\p{M}_]+/gu, ' ');
}

function liesIn(value: unknown, wider: string): boolean {
  const inner = typeof value === 'string' ? ipv4(value) : null;
  const outer = ipv4(wider);
  // The made-up values hold IPv4 alone; IPv6 has tests of its own.
  return inner !== null && outer !== null && inner[0] >= outer[0] && inner[1] <= outer[1];
}

/** First and last address. */
function ipv4(text: string): readonly [number, number] | null {
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(text)?.slice(1);
  if (parts === undefined) return null;
  const [a, b, c, d, bits = '32'] = parts.map((part) => part ?? '32');
  const size = 2 ** (32 - Number(bits));
  const address = ((Number(a) * 256 + Number(b)) * 256 + Number(c)) * 256 + Number(d);
  const first = Math.floor(address / size) * size;
  return [first, first + size - 1];
}
