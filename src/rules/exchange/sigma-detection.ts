// The detection of a Sigma rule as one query. A selection is a map, all of whose fields must match; a
// list of maps, one of which must; or a list of keywords. Fields are CloudTrail's own attributes.

import { isObject, type JsonObject } from '../../model/json.ts';
import {
  and,
  compileQuery,
  not,
  or,
  parseQuery,
  printQuery,
  QueryError,
  type Pattern,
  type Query,
  type Test,
} from '../../query/index.ts';
import type { Losses } from './exchange.ts';
import {
  parseSigmaCondition,
  SigmaConditionError,
  type SigmaCondition,
} from './sigma-condition.ts';
import { isFixedCase, isObjectField, isLowerCase } from './sigma-fields.ts';
import { patternsOfRegex } from './sigma-regex.ts';
import { hasCase, joined, patternOf, star, testOf } from './sigma-text.ts';

/** The query of a detection; null, with the reasons in `losses`, where there is none that says it. */
export function readDetection(detection: JsonObject, losses: Losses): Query | null {
  const reader = new DetectionReader(detection, losses);
  const query = reader.query();
  return losses.isFatal ? null : query;
}

/** What a modifier does to the text that it is applied to. */
const wrappers: Readonly<Record<string, (pattern: Pattern) => Pattern>> = {
  contains: (pattern) => joined([star, ...pattern, star]),
  startswith: (pattern) => joined([...pattern, star]),
  endswith: (pattern) => joined([star, ...pattern]),
};

const comparisons = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

/** What a record never has, for selections that cannot be read; the rule is refused anyway. */
const nothing: Query = not<Query>({ kind: 'all' });

/** What stands in the derived attributes of one record or the other, and in none that AWS writes. */
const derivedTexts = ['cloudtrail', 'info', 'error', 'Error', 'success', 'failure'];

class DetectionReader {
  readonly #detection: JsonObject;
  readonly #losses: Losses;
  readonly #selections = new Map<string, Query>();

  constructor(detection: JsonObject, losses: Losses) {
    this.#detection = detection;
    this.#losses = losses;
  }

  query(): Query {
    const { condition } = this.#detection;
    if (Object.hasOwn(this.#detection, 'timeframe')) {
      this.#losses.add(
        'detection.timeframe',
        'goes with counting, which the condition does not do',
      );
    }
    const conditions: readonly unknown[] = Array.isArray(condition) ? condition : [condition];
    if (conditions.length === 0) {
      this.#losses.refuse('detection.condition', 'is missing');
      return nothing;
    }
    return or(conditions.map((text) => this.#condition(text)));
  }

  #condition(text: unknown): Query {
    const path = 'detection.condition';
    if (typeof text !== 'string') {
      this.#losses.refuse(path, 'is not a text');
      return nothing;
    }
    try {
      return this.#resolve(parseSigmaCondition(text));
    } catch (error) {
      if (!(error instanceof SigmaConditionError)) throw error;
      this.#losses.refuse(path, error.message);
      return nothing;
    }
  }

  #resolve(condition: SigmaCondition): Query {
    switch (condition.kind) {
      case 'and':
        return and(condition.terms.map((term) => this.#resolve(term)));
      case 'or':
        return or(condition.terms.map((term) => this.#resolve(term)));
      case 'not':
        return not(this.#resolve(condition.term));
      case 'name':
        return this.#selection(condition.name);
      case 'of': {
        const names = this.#names(condition.pattern);
        if (names.length === 0) {
          throw new SigmaConditionError(`finds no selection by ${condition.pattern ?? 'them'}`);
        }
        const selections = names.map((name) => this.#selection(name));
        return condition.quantity === 'all' ? and(selections) : or(selections);
      }
      default:
        return condition satisfies never;
    }
  }

  /** The selections that a pattern names; null names all that do not begin with `_`. */
  #names(pattern: string | null): readonly string[] {
    const names = Object.keys(this.#detection).filter(
      (name) => name !== 'condition' && name !== 'timeframe',
    );
    if (pattern === null) return names.filter((name) => !name.startsWith('_'));
    const parts = pattern.split('*').map((part) => part.replaceAll(/[^\w]/g, '\\$&'));
    const matches = new RegExp(`^${parts.join('.*')}$`, 's');
    return names.filter((name) => matches.test(name));
  }

  #selection(name: string): Query {
    const known = this.#selections.get(name);
    if (known !== undefined) return known;
    if (!Object.hasOwn(this.#detection, name) || name === 'condition') {
      throw new SigmaConditionError(`asks for ${name}, which is no selection`);
    }
    const query = this.#readSelection(this.#detection[name], `detection.${name}`);
    this.#selections.set(name, query);
    return query;
  }

  #readSelection(selection: unknown, path: string): Query {
    if (Array.isArray(selection) && selection.length > 0) {
      return or(
        (selection as readonly unknown[]).map((element, index) =>
          isObject(element)
            ? this.#readMap(element, `${path}[${index}]`)
            : this.#keyword(element, `${path}[${index}]`, false),
        ),
      );
    }
    if (isObject(selection) && Object.keys(selection).length > 0) {
      return this.#readMap(selection, path);
    }
    if (isScalar(selection)) return this.#keyword(selection, path, false);
    return this.#refused(path, 'is empty');
  }

  #readMap(map: JsonObject, path: string): Query {
    return and(Object.entries(map).map(([key, value]) => this.#item(key, value, `${path}.${key}`)));
  }

  #item(key: string, value: unknown, path: string): Query {
    const [field = '', ...modifiers] = key.split('|');
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (values.length === 0) return this.#refused(path, 'is an empty list');
    const isAll = modifiers.includes('all');
    const others = modifiers.filter((modifier) => modifier !== 'all');
    const negates = others.includes('neq');
    const kinds = others.filter((modifier) => modifier !== 'neq');
    const terms = values.map((one) => this.#value(field, kinds, one, path));
    const joinedTerms = joinTests(terms, isAll);
    return negates ? not(joinedTerms) : joinedTerms;
  }

  #value(field: string, modifiers: readonly string[], value: unknown, path: string): Query {
    const isCased = modifiers.includes('cased');
    const [kind, ...more] = modifiers.filter((modifier) => modifier !== 'cased');
    if (field === '') {
      return kind === undefined || (kind === 'contains' && more.length === 0)
        ? this.#keyword(value, path, isCased)
        : this.#refused(path, `looks for keywords with ${kind}, which is not known here`);
    }
    if (kind === 're') return this.#regex(field, more, value, path);
    if (more.length > 0) {
      return this.#refused(path, `joins the modifiers ${[kind, ...more].join(' and ')}`);
    }
    switch (kind) {
      case undefined:
      case 'contains':
      case 'startswith':
      case 'endswith':
        return this.#text(field, kind, value, isCased, path);
      case 'exists':
        return this.#exists(field, value, path);
      case 'cidr':
        return this.#cidr(field, value, path);
      case 'lt':
      case 'lte':
      case 'gt':
      case 'gte': {
        const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
        return typeof number === 'number' && Number.isFinite(number)
          ? match(field, { kind: 'compare', operator: comparisons[kind], value: number + 0 })
          : this.#refused(path, 'compares with what is not a number');
      }
      case 'fieldref':
        return this.#refused(path, 'compares two fields, which the query language cannot');
      default:
        return this.#refused(path, `has the modifier ${kind}, which has no equal here`);
    }
  }

  #text(
    field: string,
    kind: string | undefined,
    value: unknown,
    isCased: boolean,
    path: string,
  ): Query {
    if (value === null) {
      return kind === undefined
        ? not(match(field, { kind: 'exists' }))
        : this.#refused(path, `looks for null with ${kind}`);
    }
    if (!isScalar(value)) return this.#refused(path, 'is not a value');
    const plain = typeof value === 'string' ? patternOf(value) : [String(value)];
    const wrap = kind === undefined ? undefined : wrappers[kind];
    const pattern = wrap === undefined ? plain : wrap(plain);
    return this.#pattern(field, pattern, isCased || typeof value !== 'string', path);
  }

  /** A pattern of which upper and lower case are one, as far as that can be said. */
  #fold(field: string, pattern: Pattern, path: string): Pattern {
    if (isLowerCase(field)) {
      return pattern.map((part) => (typeof part === 'string' ? part.toLowerCase() : part));
    }
    if (!isFixedCase(field) && hasCase(pattern)) this.#nameCase(path);
    return pattern;
  }

  #nameCase(path: string): void {
    this.#losses.add(
      path,
      'takes upper and lower case for one; here its values are compared in just this case',
    );
  }

  #pattern(field: string, pattern: Pattern, isCased: boolean, path: string): Query {
    if (testOf(pattern).kind !== 'exists' && isObjectField(field)) {
      return this.#refused(path, `looks into the text of ${field}, which is an object here`);
    }
    return match(field, testOf(isCased ? pattern : this.#fold(field, pattern, path)));
  }

  #regex(field: string, flags: readonly string[], value: unknown, path: string): Query {
    const unknown = flags.find((flag) => !['i', 'm', 's'].includes(flag));
    if (unknown !== undefined) return this.#refused(path, `joins re and ${unknown}`);
    const isSimple = typeof value === 'string' && !(flags.includes('m') && /[$^]/.test(value));
    const patterns = isSimple ? patternsOfRegex(value) : null;
    if (patterns === null) {
      return this.#refused(path, 'is a regular expression that wildcards cannot say');
    }
    const isCased = !flags.includes('i');
    return joinTests(
      patterns.map((pattern) => this.#pattern(field, pattern, isCased, path)),
      false,
    );
  }

  #exists(field: string, value: unknown, path: string): Query {
    const wanted = typeof value === 'string' ? value.toLowerCase() : String(value);
    if (wanted !== 'true' && wanted !== 'false') {
      return this.#refused(path, 'is neither true nor false');
    }
    const exists = match(field, { kind: 'exists' });
    return wanted === 'true' ? exists : not(exists);
  }

  #cidr(field: string, value: unknown, path: string): Query {
    const text = typeof value === 'string' ? value.trim() : '';
    const length = text.includes(':') ? 128 : 32;
    const block = text.includes('/') ? text : `${text}/${length}`;
    const query: Query = { kind: 'cidr', path: field, blocks: [block] };
    return parses(query) ? query : this.#refused(path, 'is no block of addresses');
  }

  /** Somewhere in the record, as far as a query can ask for that. */
  #keyword(value: unknown, path: string, isCased: boolean): Query {
    if (!isScalar(value)) return this.#refused(path, 'is no keyword');
    const pattern = joined([star, ...patternOf(String(value)), star]);
    const query: Query = { kind: 'match', attribute: { kind: 'any' }, test: testOf(pattern) };
    if (compileQuery(query)({ derived: derivedTexts })) {
      return this.#refused(path, 'looks for a keyword that every record has here');
    }
    this.#losses.add(
      path.replace(/\[\d+\]$/, ''),
      'looks for keywords in the whole text of a record; here they are looked for in each value',
    );
    if (!isCased && hasCase(pattern)) this.#nameCase(path.replace(/\[\d+\]$/, ''));
    return query;
  }

  #refused(path: string, reason: string): Query {
    this.#losses.refuse(path, reason);
    return nothing;
  }
}

function parses(query: Query): boolean {
  try {
    parseQuery(printQuery(query));
    return true;
  } catch (error) {
    if (error instanceof QueryError) return false;
    throw error;
  }
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function match(path: string, test: Test): Query {
  return { kind: 'match', attribute: { kind: 'path', path }, test };
}

/** All or one of several; what is asked of one attribute is written as one list of values. */
function joinTests(terms: readonly Query[], isAll: boolean): Query {
  const [first] = terms;
  if (first !== undefined && terms.length === 1) return first;
  const tests = terms.flatMap((term) => (term.kind === 'match' ? [term.test] : []));
  if (first?.kind === 'match' && tests.length === terms.length) {
    return { ...first, test: isAll ? and(tests) : or(tests) };
  }
  const blocks = terms.flatMap((term) => (term.kind === 'cidr' ? term.blocks : []));
  if (first?.kind === 'cidr' && !isAll && terms.every((term) => term.kind === 'cidr')) {
    return { ...first, blocks };
  }
  return isAll ? and(terms) : or(terms);
}
