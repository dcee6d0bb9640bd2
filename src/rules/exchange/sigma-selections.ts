// A query as the selections and the condition of a Sigma rule. What Sigma has no way to ask is named;
// what is written asks for the same records, and for no others.

import type { JsonObject } from '../../model/json.ts';
import { compileQuery, type Pattern, type Query, type Test } from '../../query/index.ts';
import type { Losses } from './exchange.ts';
import { sourceOf } from './patches-for-query.ts';
import { isFixedCase } from './sigma-fields.ts';
import { hasCase, sigmaText } from './sigma-text.ts';

export type SigmaDetection = JsonObject & { readonly condition: string };

/**
 * The detection that matches the records that a query matches; null, with the reasons in `losses`,
 * where there is none.
 *
 * @param path where the query stands in the rule
 * @param isApproximate whether a part that cannot be said may be written as the nearest that can
 */
export function writeDetection(
  query: Query,
  path: string,
  isApproximate: boolean,
  losses: Losses,
): SigmaDetection | null {
  const term = new Translation(path, isApproximate, losses).query(query);
  if (typeof term === 'boolean') {
    losses.refuse(path, term ? 'matches every record' : 'matches no CloudTrail record');
  }
  return losses.isFatal || typeof term === 'boolean' ? null : new Naming().detection(term);
}

/** A query whose leaves are fields of Sigma's. */
type Term =
  | { readonly kind: 'and'; readonly terms: readonly Term[] }
  | { readonly kind: 'or'; readonly terms: readonly Term[] }
  | { readonly kind: 'not'; readonly term: Term }
  | { readonly kind: 'field'; readonly key: string; readonly value: unknown }
  | { readonly kind: 'keyword'; readonly text: string };

/** A term, or what is known of every CloudTrail record. */
type Truth = Term | boolean;

class Translation {
  readonly #path: string;
  readonly #isApproximate: boolean;
  readonly #losses: Losses;

  constructor(path: string, isApproximate: boolean, losses: Losses) {
    this.#path = path;
    this.#isApproximate = isApproximate;
    this.#losses = losses;
  }

  query(query: Query): Truth {
    switch (query.kind) {
      case 'all':
        return true;
      case 'and':
      case 'or':
        return join(
          query.kind,
          query.terms.map((term) => this.query(term)),
        );
      case 'not':
        return negation(this.query(query.term));
      case 'match':
        return this.#match(query);
      case 'cidr':
        return this.#named(query.path, (field) => ({
          kind: 'field',
          key: `${field}|cidr`,
          value: query.blocks.length === 1 ? query.blocks[0] : query.blocks,
        }));
      case 'text':
        // Words of the message, which a CloudTrail record does not have.
        return false;
      default:
        return query satisfies never;
    }
  }

  #match(query: Query & { readonly kind: 'match' }): Truth {
    const { attribute, test } = query;
    switch (attribute.kind) {
      case 'any':
        return this.#anywhere(test);
      case 'reserved':
        if (attribute.name === 'source' || attribute.name === 'service') {
          return compileQuery(query)({ [attribute.name]: 'cloudtrail' });
        }
        return attribute.name === 'status'
          ? byError(
              compileQuery(query)({ status: 'error' }),
              compileQuery(query)({ status: 'info' }),
            )
          : this.#test(attribute.name, test);
      case 'path':
        return attribute.path === 'level'
          ? byError(compileQuery(query)({ level: 'Error' }), compileQuery(query)({}))
          : this.#test(attribute.path, test);
      default:
        return attribute satisfies never;
    }
  }

  #test(path: string, test: Test): Truth {
    return this.#named(path, (field) => this.#fieldTest(field, test));
  }

  /** With the field that stands behind an attribute, if AWS writes one. */
  #named(path: string, write: (field: string) => Truth): Truth {
    const field = sourceOf(path);
    if (derivedAlone.has(path)) {
      return this.#refuse(`asks for @${path}, which is derived and in no record`);
    }
    // A key of Sigma ends where a modifier begins.
    return field.includes('|')
      ? this.#refuse(`asks for @${path}, whose name has a |`)
      : write(field);
  }

  #fieldTest(field: string, test: Test): Truth {
    switch (test.kind) {
      case 'and':
        return join(
          'and',
          test.terms.map((term) => this.#fieldTest(field, term)),
        );
      case 'or':
        return this.#alternatives(field, test.terms);
      case 'not':
        return negation(this.#fieldTest(field, test.term));
      case 'exists':
        return { kind: 'field', key: `${field}|exists`, value: true };
      case 'equals':
      case 'like':
        return this.#alternatives(field, [test]);
      case 'compare':
        return { kind: 'field', key: `${field}|${comparisons[test.operator]}`, value: test.value };
      case 'range': {
        const { from, to } = test;
        const limits: Term[] = [];
        if (from !== null) {
          const key = `${field}|${from.inclusive ? 'gte' : 'gt'}`;
          limits.push({ kind: 'field', key, value: from.value });
        }
        if (to !== null) {
          const key = `${field}|${to.inclusive ? 'lte' : 'lt'}`;
          limits.push({ kind: 'field', key, value: to.value });
        }
        if (limits.length === 2) {
          this.#losses.add(
            this.#path,
            `asks for a value of @${field} within two limits; of a list, Sigma may take two values`,
          );
        }
        return limits.length === 0
          ? this.#refuse(`asks whether @${field} is a number`)
          : join('and', limits);
      }
      default:
        return test satisfies never;
    }
  }

  /** Values that are asked for in the same way are one list. */
  #alternatives(field: string, tests: readonly Test[]): Truth {
    const lists = new Map<string, Pattern[]>();
    const others: Truth[] = [];
    for (const test of tests) {
      const pattern = test.kind === 'equals' ? textPattern(test.value) : null;
      const { modifier, value } = shapeOf(test.kind === 'like' ? test.pattern : (pattern ?? []));
      if (test.kind === 'like' || pattern !== null) {
        lists.set(modifier, [...(lists.get(modifier) ?? []), value]);
      } else others.push(this.#fieldTest(field, test));
    }
    return join('or', [
      ...Array.from(lists, ([modifier, values]) => valueField(field, modifier, values)),
      ...others,
    ]);
  }

  #anywhere(test: Test): Truth {
    const [first, middle, last, ...more] = test.kind === 'like' ? test.pattern : [];
    const isPart =
      typeof first === 'object' && typeof middle === 'string' && typeof last === 'object';
    const reason = 'looks into every attribute; keywords of Sigma are found anywhere in a record';
    if (!this.#isApproximate || !isPart || more.length > 0) return this.#refuse(reason);
    this.#losses.add(this.#path, reason);
    return { kind: 'keyword', text: sigmaText([middle]) };
  }

  #refuse(reason: string): Truth {
    this.#losses.refuse(this.#path, reason);
    return false;
  }
}

/** Attributes that are made from several of AWS's own, or only of part of one. */
const derivedAlone = new Set([
  'evt.outcome',
  'usr.name',
  'userIdentity.session_name',
  'userIdentity.assumed_role',
]);

const comparisons = { '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte' } as const;

/** What holds of records with an error and of those without. */
function byError(withError: boolean, without: boolean): Truth {
  const error: Term = { kind: 'field', key: 'errorCode|exists', value: true };
  return withError === without ? withError : withError ? error : negation(error);
}

function textPattern(text: string): Pattern {
  return text === '' ? [] : [text];
}

/** A pattern as one of the modifiers that Sigma has for the usual ones, and what is left to say. */
function shapeOf(pattern: Pattern): { readonly modifier: string; readonly value: Pattern } {
  const isStar = (part: Pattern[number] | undefined): boolean =>
    typeof part === 'object' && part.wildcard === '*';
  const [first, second, third] = pattern;
  if (pattern.length === 3 && isStar(first) && typeof second === 'string' && isStar(third)) {
    return { modifier: '|contains', value: [second] };
  }
  if (pattern.length === 2 && typeof first === 'string' && isStar(second)) {
    return { modifier: '|startswith', value: [first] };
  }
  return pattern.length === 2 && isStar(first) && typeof second === 'string'
    ? { modifier: '|endswith', value: [second] }
    : { modifier: '', value: pattern };
}

function valueField(field: string, modifier: string, patterns: readonly Pattern[]): Term {
  const cased = !isFixedCase(field) && patterns.some(hasCase) ? '|cased' : '';
  const texts = patterns.map(sigmaText);
  const value = texts.length === 1 ? texts[0] : texts;
  return { kind: 'field', key: `${field}${modifier}${cased}`, value };
}

function negation(term: Truth): Truth {
  if (typeof term === 'boolean') return !term;
  return term.kind === 'not' ? term.term : { kind: 'not', term };
}

function join(kind: 'and' | 'or', terms: readonly Truth[]): Truth {
  const deciding = kind === 'or';
  if (terms.includes(deciding)) return deciding;
  const open = terms
    .filter((term) => typeof term === 'object')
    .flatMap((term) => (term.kind === kind ? term.terms : [term]));
  const [first] = open;
  if (first === undefined) return !deciding;
  return open.length === 1 ? first : { kind, terms: open };
}

/** Gives names to selections, and puts what can stand together into one. */
class Naming {
  readonly #selections = new Map<string, unknown>();

  detection(term: Term): SigmaDetection {
    const condition = this.#condition(term, 'selection', false);
    return { ...Object.fromEntries(this.#selections), condition };
  }

  #condition(term: Term, stem: string, isInner: boolean): string {
    switch (term.kind) {
      case 'field':
      case 'keyword':
        return this.#select(bodyOf([term]), stem);
      case 'not':
        return `not ${this.#condition(term.term, stem === 'filter' ? 'selection' : 'filter', true)}`;
      case 'and': {
        const whole = mapOf(term.terms);
        if (whole !== null) return this.#select(whole, stem);
        const { map, rest } = apart(term.terms);
        const parts = [
          ...(map === null ? [] : [this.#select(map, stem)]),
          ...rest.map((one) => this.#condition(one, stem, true)),
        ];
        const text = parts.join(' and ');
        return isInner && parts.length > 1 ? `(${text})` : text;
      }
      case 'or': {
        const maps = term.terms.map((one) =>
          one.kind === 'and' ? mapOf(one.terms) : one.kind === 'field' ? mapOf([one]) : null,
        );
        if (maps.every((map) => map !== null)) return this.#select(maps, stem);
        const text = term.terms.map((one) => this.#condition(one, stem, true)).join(' or ');
        return isInner ? `(${text})` : text;
      }
      default:
        return term satisfies never;
    }
  }

  #select(body: unknown, stem: string): string {
    const printed = JSON.stringify(body);
    for (const [name, known] of this.#selections) {
      if (JSON.stringify(known) === printed) return name;
    }
    let name = stem;
    for (let count = 2; this.#selections.has(name); count += 1) name = `${stem}_${count}`;
    this.#selections.set(name, body);
    return name;
  }
}

function bodyOf(terms: readonly Term[]): unknown {
  const [term] = terms;
  return term?.kind === 'keyword' ? [term.text] : mapOf(terms);
}

/** Fields as one map; null where one is no field, or a key stands twice. */
function mapOf(terms: readonly Term[]): JsonObject | null {
  const map = new Map<string, unknown>();
  for (const term of terms) {
    if (term.kind !== 'field' || map.has(term.key)) return null;
    map.set(term.key, term.value);
  }
  return Object.fromEntries(map);
}

/** Fields that can stand in one map, and all else. */
function apart(terms: readonly Term[]): {
  readonly map: JsonObject | null;
  readonly rest: readonly Term[];
} {
  const map = new Map<string, unknown>();
  const rest: Term[] = [];
  for (const term of terms) {
    if (term.kind === 'field' && !map.has(term.key)) map.set(term.key, term.value);
    else rest.push(term);
  }
  return { map: map.size === 0 ? null : Object.fromEntries(map), rest };
}
