// Which event names a query can match at all: what lets the fast scan pass over all other records.
// Never too few: a record that the query matches has one of the names.

import type { Query, Test } from './ast.ts';

/**
 * A set of event names, or of all but some. Negation turns what may match into what surely does
 * not, so both are followed through the tree.
 */
type Names = { readonly names: ReadonlySet<string>; readonly allBut: boolean };

type Reach = {
  /** No record with another name matches. */
  readonly may: Names;
  /** Every record with one of these names matches. */
  readonly must: Names;
};

const none: Names = { names: new Set(), allBut: false };
const all: Names = { names: new Set(), allBut: true };

/** How records are written: the name AWS gives, and the one derived from it. */
const eventName = new Set(['eventName', 'evt.name']);

/**
 * The event names of the records that a query can match, or null when there is no end to them. Holds
 * for CloudTrail records with their derived attributes, on which `evt.name` is `eventName`.
 */
export function eventNamesOf(query: Query): ReadonlySet<string> | null {
  const { may } = reachOf(query);
  return may.allBut ? null : may.names;
}

function reachOf(query: Query): Reach {
  switch (query.kind) {
    case 'all':
      return { may: all, must: all };
    case 'and':
      return allOf(query.terms.map(reachOf));
    case 'or':
      return anyOf(query.terms.map(reachOf));
    case 'not':
      return negation(reachOf(query.term));
    case 'match':
      return query.attribute.kind === 'path' && eventName.has(query.attribute.path)
        ? reachOfTest(query.test)
        : unknown;
    case 'cidr':
    case 'text':
      return unknown;
    default:
      return query satisfies never;
  }
}

/** What does not depend on the name: may match every record, must match none. */
const unknown: Reach = { may: all, must: none };

function reachOfTest(test: Test): Reach {
  switch (test.kind) {
    case 'and':
      return allOf(test.terms.map(reachOfTest));
    case 'or':
      return anyOf(test.terms.map(reachOfTest));
    case 'not':
      return negation(reachOfTest(test.term));
    case 'equals': {
      const names: Names = { names: new Set([test.value]), allBut: false };
      return { may: names, must: names };
    }
    case 'exists':
      return { may: all, must: all };
    case 'like':
    case 'compare':
    case 'range':
      return unknown;
    default:
      return test satisfies never;
  }
}

function allOf(reaches: readonly Reach[]): Reach {
  return {
    may: intersection(reaches.map(({ may }) => may)),
    must: intersection(reaches.map(({ must }) => must)),
  };
}

function anyOf(reaches: readonly Reach[]): Reach {
  // A name is in the union unless it is in none of the complements: De Morgan.
  return negation(allOf(reaches.map(negation)));
}

function negation({ may, must }: Reach): Reach {
  return { may: complement(must), must: complement(may) };
}

function complement({ names, allBut }: Names): Names {
  return { names, allBut: !allBut };
}

function intersection(sets: readonly Names[]): Names {
  const excluded = new Set(sets.flatMap(({ names, allBut }) => (allBut ? Array.from(names) : [])));
  const [first, ...others] = sets.filter(({ allBut }) => !allBut);
  if (first === undefined) return { names: excluded, allBut: true };
  const names = Array.from(first.names).filter(
    (name) => !excluded.has(name) && others.every((other) => other.names.has(name)),
  );
  return { names: new Set(names), allBut: false };
}
