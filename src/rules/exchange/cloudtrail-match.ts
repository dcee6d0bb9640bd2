// Whether a query can match a CloudTrail record at all. Queries written for another log do not, and
// a rule made of them would stay quiet for ever.

import { compileQuery, type Query } from '../../query/index.ts';

/** The reserved attributes that every record has, with their one value. */
const known = { source: 'cloudtrail', service: 'cloudtrail' };

/** True: every record; false: none; null: that depends. */
export function matchesCloudTrail(query: Query): boolean | null {
  switch (query.kind) {
    case 'all':
      return true;
    case 'and':
      return all(query.terms.map(matchesCloudTrail));
    case 'or':
      return negated(all(query.terms.map((term) => negated(matchesCloudTrail(term)))));
    case 'not':
      return negated(matchesCloudTrail(query.term));
    case 'match': {
      const { attribute } = query;
      return attribute.kind === 'reserved' && Object.hasOwn(known, attribute.name)
        ? compileQuery(query)(known)
        : null;
    }
    case 'cidr':
      return null;
    case 'text':
      // Words are looked for in the message, which a CloudTrail record does not have.
      return false;
    default:
      return query satisfies never;
  }
}

/** Whether a query searches the message for words. */
export function searchesMessage(query: Query): boolean {
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.terms.some(searchesMessage);
    case 'not':
      return searchesMessage(query.term);
    case 'text':
      return true;
    case 'all':
    case 'match':
    case 'cidr':
      return false;
    default:
      return query satisfies never;
  }
}

function all(terms: readonly (boolean | null)[]): boolean | null {
  if (terms.includes(false)) return false;
  return terms.includes(null) ? null : true;
}

function negated(value: boolean | null): boolean | null {
  return value === null ? null : !value;
}
