// From the tree of a query to a predicate over any object. The predicate never throws, and takes
// time linear in the size of the object. Each comparison holds when it holds for any value that the
// attribute has, so two comparisons may be satisfied by two different elements of an array.

import { compileBlocks } from './address-block.ts';
import type { Attribute, Comparison, Query, Test } from './ast.ts';
import { compileVisit, isScalar, type Visit } from './attribute-values.ts';
import { compileText, wordsOf } from './message-words.ts';
import { parseQuery } from './parse-query.ts';
import { compileWildcard } from './wildcard.ts';

const messages = compileVisit({ kind: 'path', path: 'message' });

export type Predicate = (object: unknown) => boolean;

/** Throws a QueryError when a text does not parse, a RangeError when a tree is not one that parses. */
export function compileQuery(query: string | Query): Predicate {
  return compileQueryOver(query, compileVisit);
}

/** Likewise, over objects whose attributes are found in another way. */
export function compileQueryOver(
  query: string | Query,
  visitOf: (attribute: Attribute) => Visit,
): Predicate {
  const parsed = typeof query === 'string' ? parseQuery(query) : query;
  return compile(parsed, { visitOf, words: memoizedWords() });
}

type Means = {
  readonly visitOf: (attribute: Attribute) => Visit;
  /** The words of a message. */
  readonly words: (message: string) => string;
};

function compile(query: Query, means: Means): Predicate {
  switch (query.kind) {
    case 'all':
      return () => true;
    case 'and':
      return every(query.terms.map((term) => compile(term, means)));
    case 'or':
      return some(query.terms.map((term) => compile(term, means)));
    case 'not':
      return negate(compile(query.term, means));
    case 'match':
      return compileTest(query.test, means.visitOf(query.attribute));
    case 'cidr': {
      const inside = compileBlocks(query.blocks);
      return holds(
        means.visitOf({ kind: 'path', path: query.path }),
        (value) => typeof value === 'string' && inside(value),
      );
    }
    case 'text': {
      const matches = compileText(query.pattern);
      return holds(
        messages,
        (message) => typeof message === 'string' && matches(message, means.words(message)),
      );
    }
    default:
      return query satisfies never;
  }
}

function compileTest(test: Test, visit: Visit): Predicate {
  switch (test.kind) {
    case 'and':
      return every(test.terms.map((term) => compileTest(term, visit)));
    case 'or':
      return some(compileAlternatives(test.terms, visit));
    case 'not':
      return negate(compileTest(test.term, visit));
    case 'exists':
      return holds(visit, () => true);
    case 'equals':
      return oneOf(visit, [test.value]);
    case 'like': {
      const matches = compileWildcard(test.pattern);
      return holds(visit, (value) => isScalar(value) && matches(String(value)));
    }
    case 'compare': {
      const { value: limit } = test;
      const compares = comparisons[test.operator];
      return holds(visit, (value) => compares(numberOf(value), limit));
    }
    case 'range': {
      const from = test.from ?? { value: -Infinity, inclusive: true };
      const to = test.to ?? { value: Infinity, inclusive: true };
      const above = comparisons[from.inclusive ? '>=' : '>'];
      const below = comparisons[to.inclusive ? '<=' : '<'];
      return holds(visit, (value) => {
        const number = numberOf(value);
        return above(number, from.value) && below(number, to.value);
      });
    }
    default:
      return test satisfies never;
  }
}

/** A list of values, which is the usual thing, is one look-up in place of a walk for each. */
function compileAlternatives(terms: readonly Test[], visit: Visit): readonly Predicate[] {
  const values = terms.flatMap((term) => (term.kind === 'equals' ? [term.value] : []));
  const others = terms.filter((term) => term.kind !== 'equals');
  return [
    ...(values.length > 0 ? [oneOf(visit, values)] : []),
    ...others.map((term) => compileTest(term, visit)),
  ];
}

function oneOf(visit: Visit, values: readonly string[]): Predicate {
  const wanted = new Set(values);
  return holds(visit, (value) => isScalar(value) && wanted.has(String(value)));
}

function holds(visit: Visit, accept: (value: unknown) => boolean): Predicate {
  return (object) => visit(object, accept);
}

const comparisons: Readonly<Record<Comparison, (value: number, limit: number) => boolean>> = {
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
};

const decimal = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;

/** Numbers, and texts that are decimal numbers, as some services write them; else NaN. */
export function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && decimal.test(value) ? Number(value) : Number.NaN;
}

function every(predicates: readonly Predicate[]): Predicate {
  const [first, second, ...others] = predicates;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  return others.length === 0
    ? (object) => first(object) && second(object)
    : (object) => predicates.every((predicate) => predicate(object));
}

function some(predicates: readonly Predicate[]): Predicate {
  const [only, ...others] = predicates;
  return only !== undefined && others.length === 0
    ? only
    : (object) => predicates.some((predicate) => predicate(object));
}

function negate(predicate: Predicate): Predicate {
  return (object) => !predicate(object);
}

/** Several words of one query look at the same message. */
function memoizedWords(): (message: string) => string {
  let lastMessage: string | null = null;
  let lastWords = '';
  return (message) => {
    if (message !== lastMessage) {
      lastMessage = message;
      lastWords = wordsOf(message);
    }
    return lastWords;
  };
}
