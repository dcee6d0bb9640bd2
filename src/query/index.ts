// The query language: `portcullis/query`. Datadog's log search syntax over any object.

export { and, not, or } from './ast.ts';
export type { Attribute, Bound, Comparison, Pattern, Query, Test } from './ast.ts';
export { asksAny, attributePaths } from './attribute-paths.ts';
export { attributeValues, compileAttribute, type Scalar } from './attribute-values.ts';
export { compileQuery, type Predicate } from './compile-query.ts';
export { eventNamesOf } from './event-names.ts';
export { parseQuery } from './parse-query.ts';
export { printQuery } from './print-query.ts';
export { QueryError } from './query-error.ts';
