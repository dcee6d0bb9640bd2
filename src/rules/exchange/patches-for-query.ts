// Patches that make a CloudTrail record match a query, as far as that can be guessed from the query
// alone. A guess may be wrong: whoever uses one runs the query on it.

import { isObject, own, type JsonObject } from '../../model/json.ts';
import { compileQuery, type Pattern, type Query, type Test } from '../../query/index.ts';

/** Ways that are looked at; alternatives multiply. */
const mostWays = 200;

/**
 * Patches of a record to try, the likeliest first; each is an object of CloudTrail's own attributes,
 * in which null removes one.
 */
export function* patchesForQuery(query: Query, record: JsonObject): Generator<JsonObject> {
  let ways = 0;
  for (const demands of demandsOf(query, true)) {
    ways += 1;
    if (ways > mostWays) return;
    yield* patchesFor(demands, record);
  }
}

/** What is asked of one attribute, or what must not be. */
type Demand = {
  readonly path: string;
  readonly holds: boolean;
  /** A value that has what is asked for; null when any will do. */
  readonly value: string | number | null;
  /** Whether a value of the attribute has what is asked for. */
  readonly accepts: (value: unknown) => boolean;
};

/** Ways for a query to hold, or not to hold. */
function* demandsOf(query: Query, holds: boolean): Generator<readonly Demand[]> {
  switch (query.kind) {
    case 'all':
      if (holds) yield [];
      return;
    case 'and':
    case 'or':
      yield* together(
        query.terms.map((term) => () => demandsOf(term, holds)),
        (query.kind === 'and') === holds,
      );
      return;
    case 'not':
      yield* demandsOf(query.term, !holds);
      return;
    case 'match':
      yield* matchDemands(query, holds);
      return;
    case 'cidr':
      yield [
        {
          path: query.path,
          holds,
          value: query.blocks[0]?.split('/')[0] ?? null,
          accepts: (value) => compileQuery({ ...query, path: 'value' })({ value }),
        },
      ];
      return;
    case 'text':
      // A record has no message.
      if (!holds) yield [];
      return;
    default:
      query satisfies never;
  }
}

function* matchDemands(
  query: Query & { readonly kind: 'match' },
  holds: boolean,
): Generator<readonly Demand[]> {
  const { attribute, test } = query;
  switch (attribute.kind) {
    case 'path':
      yield* testDemands(attribute.path, test, holds);
      return;
    case 'any':
      if (holds) yield* testDemands('requestParameters.value', test, holds);
      else yield [];
      return;
    case 'reserved':
      if (attribute.name === 'status') {
        const isError = compileQuery(query)({ status: 'error' });
        yield [{ path: 'errorCode', holds: isError === holds, value: 'AccessDenied', accepts }];
      } else if (compileQuery(query)({ source: 'cloudtrail', service: 'cloudtrail' }) === holds) {
        yield [];
      }
      return;
    default:
      attribute satisfies never;
  }
}

function* testDemands(path: string, test: Test, holds: boolean): Generator<readonly Demand[]> {
  switch (test.kind) {
    case 'and':
    case 'or':
      yield* together(
        test.terms.map((term) => () => testDemands(path, term, holds)),
        (test.kind === 'and') === holds,
      );
      return;
    case 'not':
      yield* testDemands(path, test.term, !holds);
      return;
    case 'exists':
    case 'equals':
    case 'like':
    case 'compare':
    case 'range':
      yield [{ path, holds, value: valueOf(test), accepts: acceptor(test) }];
      return;
    default:
      test satisfies never;
  }
}

function acceptor(test: Test): Demand['accepts'] {
  const matches = compileQuery({ kind: 'match', attribute: { kind: 'path', path: 'value' }, test });
  return (value) => matches({ value });
}

function accepts(value: unknown): boolean {
  return value !== undefined;
}

/** A value that passes; null when any does. */
function valueOf(test: Test): string | number | null {
  switch (test.kind) {
    case 'equals':
      return test.value;
    case 'like':
      return textLike(test.pattern);
    case 'compare':
      if (test.operator.endsWith('=')) return test.value;
      return test.value + (test.operator === '>' ? 1 : -1);
    case 'range': {
      const { from, to } = test;
      if (from === null) return (to?.value ?? 0) - 1;
      return from.inclusive ? from.value : from.value + 1;
    }
    case 'exists':
    case 'and':
    case 'or':
    case 'not':
      return null;
    default:
      return test satisfies never;
  }
}

type Ways = () => Generator<readonly Demand[]>;

/** One way of each, joined, or one way of any. */
function* together(terms: readonly Ways[], isEach: boolean): Generator<readonly Demand[]> {
  if (!isEach) {
    for (const ways of terms) yield* ways();
    return;
  }
  const [first, ...others] = terms;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const demands of first()) {
    for (const more of together(others, true)) yield [...demands, ...more];
  }
}

/** The shortest text that a pattern matches, and not an empty one. */
function textLike(pattern: Pattern): string {
  const text = pattern
    .map((part) => (typeof part === 'string' ? part : part.wildcard === '?' ? 'x' : ''))
    .join('');
  return text === '' ? 'x' : text;
}

/** AWS's own attributes from which the derived ones are made. */
const sources: ReadonlyMap<string, string> = new Map([
  ['evt.name', 'eventName'],
  ['evt.id', 'eventID'],
  ['error.kind', 'errorCode'],
  ['error.message', 'errorMessage'],
  ['network.client.ip', 'sourceIPAddress'],
  ['http.useragent', 'userAgent'],
  ['usr.id', 'userIdentity.principalId'],
  ['usr.name', 'userIdentity.userName'],
  ['usr.account_id', 'userIdentity.accountId'],
  ['usr.access_key_id', 'userIdentity.accessKeyId'],
  ['userIdentity.session_name', 'userIdentity.userName'],
]);

/** The attribute of AWS's own that stands behind an attribute of a query. */
export function sourceOf(path: string): string {
  return sources.get(path) ?? path;
}

/** None where one demand stands in the way of another. */
function* patchesFor(demands: readonly Demand[], record: JsonObject): Generator<JsonObject> {
  const byPath = new Map<string, Demand[]>();
  for (const demand of demands) {
    const mine = outcomeDemand(demand) ?? { ...demand, path: sourceOf(demand.path) };
    byPath.set(mine.path, [...(byPath.get(mine.path) ?? []), mine]);
  }
  for (const asList of [false, true]) {
    let patch: JsonObject | null = {};
    for (const [path, asked] of byPath) {
      const steps = path.split('.');
      const value = valueFor(asked, valueAt(record, steps), asList);
      if (value !== undefined && patch !== null) patch = withValue(patch, steps, value);
    }
    if (patch !== null) yield patch;
  }
}

/** `evt.outcome` has no source of its own: a call fails by its error. */
function outcomeDemand({ path, holds, value }: Demand): Demand | null {
  if (path !== 'evt.outcome') return null;
  const fails = holds === (value === 'failure');
  return { path: 'errorCode', holds: fails, value: 'AccessDenied', accepts };
}

function valueAt(record: JsonObject, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => own(value, key), record);
}

/** The value of an attribute; null to remove it, undefined to leave it as it is. */
function valueFor(demands: readonly Demand[], present: unknown, asList: boolean): unknown {
  const wanted = demands.filter(({ holds }) => holds);
  const isAsAsked = demands.every(
    (demand) => (present !== undefined && demand.accepts(present)) === demand.holds,
  );
  if (isAsAsked) return undefined;
  if (wanted.length === 0) return null;
  const values = [...new Set(wanted.flatMap(({ value }) => (value === null ? [] : [value])))];
  if (values.length > 1) return asList ? values : values.join(' ');
  return values[0] ?? 'other';
}

/** The object with a value at a path; null where something else is in the way. */
export function withValue(
  object: JsonObject,
  path: readonly string[],
  value: unknown,
): JsonObject | null {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  if (rest.length === 0) return { ...object, [key]: value };
  const inner = Object.hasOwn(object, key) ? object[key] : {};
  const changed = isObject(inner) ? withValue(inner, rest, value) : null;
  return changed === null ? null : { ...object, [key]: changed };
}
