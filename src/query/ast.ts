// The query language as a tree. Trees made by the parser or by `and`, `or` and `not` are in normal
// form: no `and` in an `and`, no `or` in an `or`, no `not` of a `not`, no list of fewer than two.

/** `*`, any run of characters, or `?`, one character; a string stands for itself. */
export type Pattern = readonly (string | { readonly wildcard: '*' | '?' })[];

export type Attribute =
  /** `@a.b`: the value at a path of the record. */
  | { readonly kind: 'path'; readonly path: string }
  /** `name:`, without `@`: a reserved attribute such as `source`, or a tag. */
  | { readonly kind: 'reserved'; readonly name: string }
  /** `*:`: every value of the record, wherever it stands. */
  | { readonly kind: 'any' };

/** A limit of a range; null in its place is no limit. */
export type Bound = { readonly value: number; readonly inclusive: boolean };

export type Comparison = '>' | '>=' | '<' | '<=';

/** What is asked of an attribute. Each leaf holds when it holds for any value the attribute has. */
export type Test =
  | { readonly kind: 'and'; readonly terms: readonly Test[] }
  | { readonly kind: 'or'; readonly terms: readonly Test[] }
  | { readonly kind: 'not'; readonly term: Test }
  | { readonly kind: 'exists' }
  | { readonly kind: 'equals'; readonly value: string }
  | { readonly kind: 'like'; readonly pattern: Pattern }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly value: number }
  | { readonly kind: 'range'; readonly from: Bound | null; readonly to: Bound | null };

export type Query =
  /** `*`, or nothing at all: every object. */
  | { readonly kind: 'all' }
  | { readonly kind: 'and'; readonly terms: readonly Query[] }
  | { readonly kind: 'or'; readonly terms: readonly Query[] }
  | { readonly kind: 'not'; readonly term: Query }
  | { readonly kind: 'match'; readonly attribute: Attribute; readonly test: Test }
  /** `CIDR(@path, …)`: an address, or a block of addresses, that lies in one of the blocks. */
  | { readonly kind: 'cidr'; readonly path: string; readonly blocks: readonly string[] }
  /** A word or phrase of the message; an empty pattern is the empty phrase. */
  | { readonly kind: 'text'; readonly pattern: Pattern };

type Node = Query | Test;

// The terms of a query are queries and those of a test are tests, which the compiler cannot follow.
/* oxlint-disable typescript/no-unsafe-type-assertion */

/** All of the terms; of one term, that term. Throws a RangeError when there is none. */
export function and<T extends Node>(terms: readonly T[]): T {
  return join('and', terms) as T;
}

/** At least one of the terms; of one term, that term. Throws a RangeError when there is none. */
export function or<T extends Node>(terms: readonly T[]): T {
  return join('or', terms) as T;
}

/** The opposite of a term; of a `not`, the term inside. */
export function not<T extends Node>(term: T): T {
  return (term.kind === 'not' ? term.term : { kind: 'not', term }) as T;
}

function join(kind: 'and' | 'or', terms: readonly Node[]): Node {
  const flat = terms.flatMap((term): readonly Node[] => (term.kind === kind ? term.terms : [term]));
  const [first] = flat;
  if (first === undefined) throw new RangeError(`${kind} needs a term`);
  return flat.length === 1 ? first : ({ kind, terms: flat } as Node);
}
