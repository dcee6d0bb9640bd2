// Which attributes a query asks for, so that those who keep part of a record know which part.

import type { Query } from './ast.ts';

/** Dotted paths without `@`, each once, in the order of the query. `*:` and words name none. */
export function attributePaths(query: Query): readonly string[] {
  return [...new Set(pathsOf(query))];
}

function pathsOf(query: Query): readonly string[] {
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.terms.flatMap(pathsOf);
    case 'not':
      return pathsOf(query.term);
    case 'cidr':
      return [query.path];
    case 'match':
      if (query.attribute.kind === 'any') return [];
      return [query.attribute.kind === 'path' ? query.attribute.path : query.attribute.name];
    case 'all':
    case 'text':
      return [];
    default:
      return query satisfies never;
  }
}

/** Whether a query asks for any attribute there is: `*:thing`. */
export function asksAny(query: Query): boolean {
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.terms.some(asksAny);
    case 'not':
      return asksAny(query.term);
    case 'match':
      return query.attribute.kind === 'any';
    case 'all':
    case 'cidr':
    case 'text':
      return false;
    default:
      return query satisfies never;
  }
}
