// A second reading of Sigma's detections, straight from its specification and without any query: slow
// and obvious, to hold the import and the export against.

import { isObject, type JsonObject } from '../../src/model/json.ts';

/** Whether upper and lower case are one for a field; null stands for keywords. */
type Folds = (field: string | null) => boolean;

export function sigmaMatches(detection: JsonObject, record: unknown, folds: Folds): boolean {
  const conditions: unknown[] = [detection['condition']].flat();
  return conditions.some((condition) =>
    evaluate(
      String(condition),
      (name) => selectionMatches(detection[name], record, folds),
      names(detection),
    ),
  );
}

function names(detection: JsonObject): readonly string[] {
  return Object.keys(detection).filter((name) => name !== 'condition');
}

/** Puts the selections' outcomes in their places, and rewrites what is left until it is one outcome. */
function evaluate(
  condition: string,
  isMatch: (name: string) => boolean,
  all: readonly string[],
): boolean {
  const several = condition.replaceAll(
    /\b(1|any|all) of (\S+?)(?=[\s)]|$)/g,
    (_, count: string, pattern: string) => {
      const found = all.filter((name) =>
        pattern === 'them'
          ? !name.startsWith('_')
          : new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name),
      );
      return `(${found.join(count === 'all' ? ' and ' : ' or ')})`;
    },
  );
  const signs: Readonly<Record<string, string>> = { and: '&', or: '|', not: '!' };
  let term = several
    .replaceAll(/[^\s()]+/g, (word) => signs[word] ?? (isMatch(word) ? 'T' : 'F'))
    .replaceAll(/\s/g, '');
  while (term.length > 1) {
    const before = term;
    term = term.replaceAll(/\(([TF])\)/g, '$1');
    term = term.replaceAll(/!([TF])/g, (_, value: string) => (value === 'T' ? 'F' : 'T'));
    term = term.replaceAll(/(?<!!)([TF])&([TF])/g, (_, a: string, b: string) =>
      a === 'T' ? b : 'F',
    );
    term = term.replaceAll(/(?<![!&])([TF])\|([TF])(?!&)/g, (_, a: string, b: string) =>
      a === 'T' ? 'T' : b,
    );
    if (term === before) throw new Error(`${condition} is no condition: ${term}`);
  }
  return term === 'T';
}

function selectionMatches(selection: unknown, record: unknown, folds: Folds): boolean {
  if (Array.isArray(selection)) {
    return selection.some((one) =>
      isObject(one) ? mapMatches(one, record, folds) : keywordMatches(one, record, folds(null)),
    );
  }
  return isObject(selection) && mapMatches(selection, record, folds);
}

function mapMatches(map: JsonObject, record: unknown, folds: Folds): boolean {
  return Object.entries(map).every(([key, value]) => itemMatches(key, value, record, folds));
}

function itemMatches(key: string, wanted: unknown, record: unknown, folds: Folds): boolean {
  const [field = '', ...modifiers] = key.split('|');
  const has = (modifier: string): boolean => modifiers.includes(modifier);
  const isFolded = !has('cased') && folds(field);
  const values = valuesAt(record, field);
  const one = (value: unknown): boolean => {
    if (has('exists')) return values.length > 0 === (value === true);
    if (value === null) return values.length === 0;
    if (field === '') return keywordMatches(value, record, isFolded);
    return values.some((found) => valueMatches(found, value, modifiers, isFolded));
  };
  const list: unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  const holds = has('all') ? list.every(one) : list.some(one);
  return holds !== has('neq');
}

function valueMatches(
  found: unknown,
  wanted: unknown,
  modifiers: readonly string[],
  isFolded: boolean,
): boolean {
  if (wanted === '*' && modifiers.length === 0) return true;
  for (const modifier of modifiers) {
    const number = isNumber(found) ? Number(found) : Number.NaN;
    if (modifier === 'gt') return number > Number(wanted);
    if (modifier === 'gte') return number >= Number(wanted);
    if (modifier === 'lt') return number < Number(wanted);
    if (modifier === 'lte') return number <= Number(wanted);
    if (modifier === 'cidr') return typeof found === 'string' && liesIn(found, String(wanted));
    if (modifier === 're') {
      const flags = modifiers.includes('i') && isFolded ? 'isu' : 'su';
      const expression = new RegExp(String(wanted), flags);
      // Of an object it can only be asked whether it is there: by what any text at all would match.
      const texts = isObject(found) ? ['', '\u0001', 'aA1.*'] : [String(found)];
      return texts.every((text) => expression.test(text));
    }
  }
  const inner = typeof wanted === 'string' ? expressionOf(wanted) : escaped(String(wanted));
  const before = modifiers.some((one) => one === 'contains' || one === 'endswith') ? '.*' : '';
  const after = modifiers.some((one) => one === 'contains' || one === 'startswith') ? '.*' : '';
  // Anything at all is there as soon as the field is, an object too.
  if (/^(?:\.\*)+$/.test(before + inner + after)) return true;
  const whole = new RegExp(`^${before}${inner}${after}$`, isFolded ? 'isu' : 'su');
  return !isObject(found) && whole.test(String(found));
}

function isNumber(value: unknown): boolean {
  return (
    typeof value === 'number' ||
    (typeof value === 'string' && /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(value))
  );
}

function keywordMatches(wanted: unknown, record: unknown, isFolded: boolean): boolean {
  const inner = typeof wanted === 'string' ? expressionOf(wanted) : escaped(String(wanted));
  const part = new RegExp(inner, isFolded ? 'isu' : 'su');
  return everyScalar(record).some((value) => part.test(String(value)));
}

function expressionOf(text: string): string {
  const characters = Array.from(text);
  let expression = '';
  for (let place = 0; place < characters.length; place += 1) {
    const [character = '', next = ''] = characters.slice(place);
    if (character === '\\' && (next === '*' || next === '?' || next === '\\')) {
      expression += escaped(next);
      place += 1;
    } else if (character === '*') expression += '.*';
    else if (character === '?') expression += '.';
    else expression += escaped(character);
  }
  return expression;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Every value at a path, its keys joined by dots; lists add nothing to a path. */
function valuesAt(value: unknown, field: string, path: string | null = null): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((element) => valuesAt(element, field, path));
  if (value === null || value === undefined) return [];
  const inside = isObject(value)
    ? Object.entries(value).flatMap(([key, inner]) =>
        valuesAt(inner, field, path === null ? key : `${path}.${key}`),
      )
    : [];
  return path === field ? [value, ...inside] : inside;
}

function everyScalar(value: unknown): readonly unknown[] {
  if (typeof value !== 'object') return value === undefined ? [] : [value];
  return value === null ? [] : Object.values(value).flatMap(everyScalar);
}

/** IPv4 alone: the made-up values hold no other. A block lies in another when all of it does. */
function liesIn(inner: string, outer: string): boolean {
  const [block, wider] = [bits(inner), bits(outer)];
  return block !== null && wider !== null && block.startsWith(wider);
}

function bits(block: string): string | null {
  const [address = '', length = '32'] = block.split('/');
  const parts = address.split('.');
  const isAddress = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part));
  const all = parts.map((part) => Number(part).toString(2).padStart(8, '0')).join('');
  return isAddress ? all.slice(0, Number(length)) : null;
}
