// From the tree of a query to its canonical text, which parses to the same tree. Trees that mean the
// same and are in normal form but differ (a quoted word, say) print the same.

import type { Attribute, Pattern, Query, Test } from './ast.ts';

/** The text of a tree in normal form; `and` is a blank, `not` a minus, values are quoted at need. */
export function printQuery(query: Query): string {
  return query.kind === 'and' || query.kind === 'or' ? listText(query) : termText(query);
}

/** `a OR (b c)`: what binds closer is in parentheses all the same, for the reader. */
function listText(query: Query & { readonly kind: 'and' | 'or' }): string {
  return query.terms.map(termText).join(query.kind === 'or' ? ' OR ' : ' ');
}

function termText(query: Query): string {
  switch (query.kind) {
    case 'all':
      return '*';
    case 'and':
    case 'or':
      return `(${listText(query)})`;
    case 'not':
      return `-${termText(query.term)}`;
    case 'match':
      return `${attributeText(query.attribute)}:${testText(query.test)}`;
    case 'cidr':
      return `CIDR(@${nameText(query.path)}, ${query.blocks.join(', ')})`;
    case 'text':
      return patternText(query.pattern);
    default:
      return query satisfies never;
  }
}

function testText(test: Test): string {
  return test.kind === 'not' ? `(${valueText(test)})` : valueText(test);
}

function valueText(test: Test): string {
  switch (test.kind) {
    case 'and':
    case 'or':
      return `(${test.terms.map(valueText).join(test.kind === 'or' ? ' OR ' : ' ')})`;
    case 'not':
      return `-${valueText(test.term)}`;
    case 'exists':
      return '*';
    case 'equals':
      return literalText(test.value);
    case 'like':
      return patternText(test.pattern);
    case 'compare':
      return `${test.operator}${test.value}`;
    case 'range': {
      const open = test.from?.inclusive === false ? '{' : '[';
      const close = test.to?.inclusive === false ? '}' : ']';
      return `${open}${test.from?.value ?? '*'} TO ${test.to?.value ?? '*'}${close}`;
    }
    default:
      return test satisfies never;
  }
}

function attributeText(attribute: Attribute): string {
  switch (attribute.kind) {
    case 'path':
      return `@${nameText(attribute.path)}`;
    case 'reserved':
      return nameText(attribute.name).replace(/^[-@]/, '\\$&');
    case 'any':
      return '*';
    default:
      return attribute satisfies never;
  }
}

/** Characters that stand for themselves wherever they are in a word. */
const special = /[^\p{L}\p{N}\p{M}_./%$',;+=~^@-]/u;
const everySpecial = new RegExp(special, 'gu');

function nameText(name: string): string {
  return name.replace(everySpecial, '\\$&').replaceAll(',', '\\,');
}

function literalText(value: string): string {
  const plain = value !== '' && !special.test(value) && !/^[-@]|^(?:AND|OR|NOT)$/.test(value);
  return plain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}

function patternText(pattern: Pattern): string {
  const [first, second] = pattern;
  if (first === undefined) return '""';
  if (typeof first === 'string' && second === undefined) return literalText(first);
  return pattern
    .map((part) => (typeof part === 'string' ? part.replace(everySpecial, '\\$&') : part.wildcard))
    .join('')
    .replace(/^[-@]/, '\\$&');
}
