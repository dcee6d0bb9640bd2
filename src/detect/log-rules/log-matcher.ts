// Asks of one record after the other which log rules it matches, and keeps what putting records
// together will need. Queries are compiled once. No record makes this throw.

import { asText, isObject, own, type JsonObject } from '../../model/json.ts';
import type { LogQuery, LogRule } from '../../model/rule.ts';
import { readTime } from '../../normalize/call.ts';
import { deriveAttributes } from '../../normalize/derive-attributes.ts';
import { isPlain, readDerived } from '../../normalize/derived-attribute.ts';
import type { Attribute } from '../../query/ast.ts';
import {
  attributeNamed,
  compileVisit,
  valuesOf,
  type Scalar,
  type Visit,
} from '../../query/attribute-values.ts';
import { compileQueryOver, numberOf } from '../../query/compile-query.ts';
import { groupKey, LogMatch, valueKey, type LogHit } from './log-match.ts';
import { KindMemory, MatchKinds } from './match-kinds.ts';
import {
  commonPaths,
  effectiveQuery,
  ruleEventNames,
  type RunnableRule,
} from './plan-log-rules.ts';
import { utcTime } from '../../model/utc-time.ts';

export type Matched =
  | { readonly outcome: 'none' }
  | { readonly outcome: 'matched'; readonly matches: readonly LogMatch[] }
  /** It matches, but cannot be placed in time. */
  | { readonly outcome: 'rejected'; readonly reason: string };

const none: Matched = { outcome: 'none' };

/** Values of one attribute of one record, and combinations of several, that count. */
const mostValues = 100;
const mostCombinations = 1000;
/** Kinds of matches that are remembered; with more, they have little in common. */
const mostKinds = 5000;
/** Characters by which values are told apart. */
const longestValue = 2048;

export class LogMatcher {
  readonly #all: readonly CompiledRule[];
  /** The rules that any event name may concern. */
  readonly #always: readonly CompiledRule[];
  /** For each event name that concerns a rule, all rules that may match a record of that name. */
  readonly #byName = new Map<string, readonly CompiledRule[]>();
  #latestMs: number | null = null;
  readonly #memory = new KindMemory();

  constructor(rules: readonly RunnableRule[]) {
    this.#all = rules.map((rule, index) => compileRule(rule, index, this.#memory));
    this.#always = this.#all.filter(({ eventNames }) => eventNames === null);
    for (const name of new Set(this.#all.flatMap(({ eventNames }) => [...(eventNames ?? [])]))) {
      this.#byName.set(
        name,
        this.#all.filter(({ eventNames }) => eventNames?.has(name) ?? true),
      );
    }
  }

  /** Time of the newest record that some rule was asked about, in milliseconds since 1970. */
  get latestMs(): number | null {
    return this.#latestMs;
  }

  match(record: JsonObject): Matched {
    const rules = this.#rulesFor(own(record, 'eventName'));
    if (rules.length === 0) return none;
    const eventTime = asText(own(record, 'eventTime'));
    const eventTimeMs = eventTime === undefined ? undefined : readTime(eventTime);
    if (eventTimeMs !== undefined) {
      this.#latestMs = Math.max(this.#latestMs ?? eventTimeMs, eventTimeMs);
    }
    const reading = new Reading(record);
    const matching: { rule: CompiledRule; hits: readonly LogHit[] }[] = [];
    for (const rule of rules) {
      const hits = hitsOf(rule, reading);
      if (hits.length > 0) matching.push({ rule, hits });
    }
    if (matching.length === 0) return none;
    const eventId = asText(own(record, 'eventID'));
    if (eventId === undefined) {
      return { outcome: 'rejected', reason: 'eventID is missing or not a text' };
    }
    if (eventTime === undefined || eventTimeMs === undefined) {
      const reason = 'eventTime is missing or not a UTC time such as 2026-03-01T08:00:00Z';
      return { outcome: 'rejected', reason };
    }
    this.#limitKinds();
    const unusualTime = isUsual(eventTime, eventTimeMs) ? null : eventTime;
    return {
      outcome: 'matched',
      matches: matching.map(
        ({ rule, hits }) =>
          new LogMatch(eventId, eventTimeMs, rule.kinds.of(record, hits), unusualTime),
      ),
    };
  }

  #limitKinds(): void {
    if (this.#memory.kinds < mostKinds) return;
    this.#memory.clear();
    for (const { kinds } of this.#all) kinds.clear();
  }

  #rulesFor(eventName: unknown): readonly CompiledRule[] {
    // A name that is no text may still match a query, as a list of names does.
    if (typeof eventName !== 'string') return eventName === undefined ? this.#always : this.#all;
    return this.#byName.get(eventName) ?? this.#always;
  }
}

/** Whether a time is written as it would be written from its milliseconds. */
function isUsual(time: string, ms: number): boolean {
  // Days that a month does not have, and hours of the next day, are read but never written.
  const isShort = time.length === 20 && time.slice(8, 10) <= '28' && time.slice(11, 13) < '24';
  return isShort || utcTime(ms) === time;
}

type CompiledRule = {
  readonly eventNames: ReadonlySet<string> | null;
  readonly queries: readonly QueryOfRule[];
  readonly kinds: MatchKinds;
};

/** A record, with its derived attributes beside it as soon as something needs them all. */
class Reading {
  readonly record: JsonObject;
  readonly isPlain: boolean;
  #attributes: JsonObject | undefined;

  constructor(record: JsonObject) {
    this.record = record;
    this.isPlain = isPlain(record);
  }

  get attributes(): JsonObject {
    return (this.#attributes ??= deriveAttributes(this.record));
  }
}

/** A query of a rule, compiled for both ways to read a record. */
class QueryOfRule {
  readonly #compile: (visitOf: (attribute: Attribute) => Visit) => CompiledQuery;
  /** Over plain records as they are; null where that does not do. */
  readonly #plain: CompiledQuery | null;
  #full: CompiledQuery | undefined;

  constructor(rule: LogRule, query: LogQuery) {
    this.#compile = (visitOf) => compileLogQuery(rule, query, visitOf);
    let isEnough = true;
    const plain = this.#compile((attribute) => {
      const visit = visitPlain(attribute);
      isEnough &&= visit !== null;
      return visit ?? compileVisit(attribute);
    });
    this.#plain = isEnough ? plain : null;
  }

  /** What the record counts as; null where it does not match. */
  read(reading: Reading): Omit<LogHit, 'query'> | null {
    if (this.#plain !== null && reading.isPlain) return readHit(this.#plain, reading.record);
    this.#full ??= this.#compile(compileVisit);
    return readHit(this.#full, reading.attributes);
  }
}

function readHit(query: CompiledQuery, attributes: JsonObject): Omit<LogHit, 'query'> | null {
  if (!query.matches(attributes)) return null;
  const values = query.values(attributes);
  if (values === null) return null;
  const groups = query.groups(attributes);
  return groups.length === 0 ? null : { groups, values };
}

/** Finds an attribute in a plain record, derived or not; null where all of them have to be there. */
function visitPlain(attribute: Attribute): Visit | null {
  if (attribute.kind === 'any') return null;
  const read = readDerived(attribute.kind === 'path' ? attribute.path : attribute.name);
  if (read === undefined) return null;
  const visit = compileVisit(attribute);
  if (read === null) return visit;
  return (record, accept) => {
    const value = isObject(record) ? read(record) : undefined;
    return (value !== undefined && accept(value)) || visit(record, accept);
  };
}

type CompiledQuery = {
  readonly matches: (attributes: JsonObject) => boolean;
  /** Keys of the groups that the record counts in; none where it lacks an attribute. */
  readonly groups: (attributes: JsonObject) => readonly string[];
  /** What the aggregation needs; null where the record lacks it. */
  readonly values: (attributes: JsonObject) => LogHit['values'] | null;
};

function compileRule(
  { rule, contextPaths }: RunnableRule,
  index: number,
  memory: KindMemory,
): CompiledRule {
  return {
    eventNames: ruleEventNames(rule),
    queries: rule.queries.map((query) => new QueryOfRule(rule, query)),
    kinds: new MatchKinds(
      index,
      {
        exact: commonPaths,
        dotted: contextPaths.filter((path) => !commonPaths.includes(path)),
      },
      memory,
    ),
  };
}

function hitsOf({ queries }: CompiledRule, reading: Reading): readonly LogHit[] {
  const hits: LogHit[] = [];
  for (let index = 0; index < queries.length; index += 1) {
    const hit = queries[index]?.read(reading) ?? null;
    if (hit !== null) hits.push({ query: index, ...hit });
  }
  return hits;
}

type VisitOf = (attribute: Attribute) => Visit;

function compileLogQuery(rule: LogRule, query: LogQuery, visitOf: VisitOf): CompiledQuery {
  return {
    matches: compileQueryOver(effectiveQuery(rule, query), visitOf),
    groups: compileGroups(query, visitOf),
    values: compileValues(query, visitOf),
  };
}

const ungrouped = [groupKey([])];

function compileGroups(query: LogQuery, visitOf: VisitOf): CompiledQuery['groups'] {
  const readers = query.groupByFields.map((field) => textsOf(field, visitOf));
  const missing = query.hasOptionalGroupByFields ? [null] : [];
  if (readers.length === 0) return () => ungrouped;
  return (attributes) =>
    combinations(
      readers.map((read) => {
        const values = read(attributes);
        return values.length === 0 ? missing : values;
      }),
    ).map(groupKey);
}

function compileValues(query: LogQuery, visitOf: VisitOf): CompiledQuery['values'] {
  switch (query.aggregation) {
    case 'count':
      return () => [];
    case 'cardinality':
      return keysOf(query.distinctFields, visitOf);
    case 'new_value':
      return keysOf(query.metrics, visitOf);
    case 'sum':
      return numbersOf(query.metrics, visitOf, (numbers) =>
        numbers.reduce((sum, number) => sum + number),
      );
    case 'max':
      return numbersOf(query.metrics, visitOf, (numbers) => Math.max(...numbers));
    case 'geo_data':
    case 'event_count':
    case 'none':
      return () => null;
    default:
      return query.aggregation satisfies never;
  }
}

/** Each combination of values, one for each attribute, as a key. */
function keysOf(fields: readonly string[], visitOf: VisitOf): CompiledQuery['values'] {
  const readers = fields.map((field) => textsOf(field, visitOf));
  return (attributes) => {
    const keys = combinations(readers.map((read) => read(attributes))).map(valueKey);
    return keys.length === 0 ? null : keys;
  };
}

function numbersOf(
  fields: readonly string[],
  visitOf: VisitOf,
  combine: (numbers: readonly number[]) => number,
): CompiledQuery['values'] {
  const readers = fields.map((field) => valuesOf(visitOf(attributeNamed(field))));
  return (attributes) => {
    const numbers = readers
      .flatMap((read) => read(attributes))
      .slice(0, mostValues)
      .map(numberOf)
      .filter(Number.isFinite);
    return numbers.length === 0 ? null : [finite(combine(numbers))];
  };
}

/** A sum that is too large for a number is the largest there is; there is one zero. */
function finite(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(value, Number.MAX_VALUE)) + 0;
}

/** The different values of an attribute, as text, in the order of the record. */
function textsOf(field: string, visitOf: VisitOf): (attributes: JsonObject) => readonly string[] {
  const read = valuesOf(visitOf(attributeNamed(field)));
  return (attributes) => {
    const values: readonly Scalar[] = read(attributes);
    return values.length === 1
      ? values.map(textOf)
      : [...new Set(values.map(textOf))].slice(0, mostValues);
  };
}

function textOf(value: Scalar): string {
  return String(value).slice(0, longestValue);
}

/** Every way to take one of each list, the first list changing slowest; none where one is empty. */
function combinations<T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] {
  const [first, ...others] = lists;
  let found: readonly (readonly T[])[] = first === undefined ? [[]] : first.map((value) => [value]);
  for (const list of others) {
    found = found
      .flatMap((start) => list.map((value) => [...start, value]))
      .slice(0, mostCombinations);
  }
  return found;
}
