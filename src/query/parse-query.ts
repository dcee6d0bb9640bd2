// From the text of a query to its tree. Every mistake is told with its place and what to write
// instead. Time is linear in the length of the text, which is bounded, as is the depth of groups.

import { isBlock } from './address-block.ts';
import { and, not, or, type Query } from './ast.ts';
import { parse } from './parser.js';
import { QueryError } from './query-error.ts';

/** Longest query, in UTF-16 units. */
export const maxLength = 65_536;
/** How deep parentheses nest. */
const maxDepth = 64;
/** Longest value with wildcards, and longest word or phrase of the message, in UTF-16 units. */
const maxPatternLength = 1024;
/** How many parts the path of an attribute has. */
const maxSegments = 64;

type Mistake = { readonly problem: string; readonly hint: string };

const mistakes = {
  tooLong: {
    problem: 'the query is longer than 65,536 characters',
    hint: 'Split it into several queries.',
  },
  tooDeep: {
    problem: `parentheses nest deeper than ${maxDepth}`,
    hint: 'Leave out parentheses that change nothing.',
  },
  longPattern: {
    problem: `a text with wildcards, or to be found in the message, is longer than ${maxPatternLength} characters`,
    hint: 'Shorten it; compare a long value with one attribute, without * and ?.',
  },
  longPath: {
    problem: `the name of an attribute has more than ${maxSegments} parts`,
    hint: 'Name an attribute as the record has it, such as @userIdentity.arn.',
  },
  noName: {
    problem: 'the name of an attribute is missing',
    hint: 'Write it between @ and the colon, such as @userIdentity.arn:VALUE.',
  },
  wildcardName: {
    problem: 'the name of an attribute holds a wildcard',
    hint: 'Name the attribute in full, or write *:VALUE to search every attribute.',
  },
  noColon: {
    problem: 'a colon and a value are missing after the name of the attribute',
    hint: 'Write @name:VALUE, or @name:* to ask whether the attribute exists.',
  },
  noValue: {
    problem: 'a value is missing after the colon',
    hint: 'Write it right after the colon; "" is the empty value, * is any value.',
  },
  operatorValue: {
    problem: 'an operator stands where a value should',
    hint: 'Write a value; put the word in quotes if it is the value.',
  },
  attributeInValue: {
    problem: 'an attribute stands where a value should',
    hint: 'Close the parenthesis before it; put the value in quotes if it begins with @.',
  },
  noTerm: {
    problem: 'a term is missing',
    hint: 'Write a term, such as @evt.name:RunInstances, or leave out the operator.',
  },
  emptyGroup: {
    problem: 'the parentheses hold nothing',
    hint: 'Write a term between them, or leave them out.',
  },
  noLeftTerm: {
    problem: 'an operator stands where a term should',
    hint: 'AND and OR stand between two terms; put the word in quotes to search for it.',
  },
  loneMinus: {
    problem: 'the minus negates nothing',
    hint: 'Write it right before a term, or \\- for the character.',
  },
  unclosedGroup: {
    problem: 'the parenthesis is never closed',
    hint: 'Write ) after its last term, or \\( for the character.',
  },
  unopenedGroup: {
    problem: 'the parenthesis was never opened',
    hint: 'Leave it out, or write \\) for the character.',
  },
  unclosedQuote: {
    problem: 'the quote is never closed',
    hint: 'Write " after the last word, or \\" for the character.',
  },
  curlyQuote: {
    problem: 'a curly quote stands for nothing',
    hint: 'Write a straight quote, ".',
  },
  ampersands: {
    problem: '&& is not an operator',
    hint: 'Write AND, or \\&& for the characters.',
  },
  bars: {
    problem: '|| is not an operator',
    hint: 'Write OR, or \\|| for the characters.',
  },
  exclamation: {
    problem: '! is not an operator',
    hint: 'Write - or NOT before the term, or \\! for the character.',
  },
  loneComparison: {
    problem: 'the comparison has no attribute',
    hint: 'Write it after the colon of one, such as @port:>1024 or @port:[20 TO 25].',
  },
  loneBackslash: {
    problem: 'the backslash escapes nothing',
    hint: 'Write \\\\ for the character.',
  },
  special: {
    problem: 'a special character stands in a word',
    hint: 'Write a backslash before it, or put the whole value in quotes.',
  },
  glued: {
    problem: 'a blank is missing',
    hint: 'Write a blank between two terms; write \\( or \\" for a character of a word.',
  },
  notNumber: {
    problem: 'a number is missing',
    hint: 'Comparisons and ranges take numbers, such as >=10, <0.5 and [1 TO 5].',
  },
  hugeNumber: {
    problem: 'the number is too large',
    hint: 'Write a number below 1.8e308, or * for no limit of a range.',
  },
  badRange: {
    problem: 'the range is not complete',
    hint: 'Write [1 TO 5], {1 TO 5} without the limits themselves, or [10 TO *].',
  },
  badCidr: {
    problem: 'CIDR() is not complete',
    hint: 'Write CIDR(@sourceIPAddress, 10.0.0.0/8, 2001:db8::/32).',
  },
  noBlock: {
    problem: 'CIDR() has no block of addresses',
    hint: 'Write one or more after the attribute: CIDR(@sourceIPAddress, 10.0.0.0/8).',
  },
  badBlock: {
    problem: 'a block of addresses is not one',
    hint: 'Write an address and a length, such as 10.0.0.0/8 or 2001:db8::/32.',
  },
} as const satisfies Record<string, Mistake>;

type MistakeName = keyof typeof mistakes;

/** What the grammar looked for where nothing fitted. */
type Sought = 'term' | 'value' | 'colon' | 'end';

/**
 * The tree of a query, in normal form; nothing but blanks matches everything. Throws a QueryError
 * that tells the place.
 */
export function parseQuery(text: string): Query {
  const fail = (name: MistakeName, position: number): never => {
    const { problem, hint } = mistakes[name];
    throw new QueryError(problem, hint, text, position);
  };
  if (text.length > maxLength) return fail('tooLong', maxLength);
  const wrong = (sought: Sought, position: number): never =>
    fail(mistakeAt(text, position, sought), position);
  return parse(text, {
    and,
    or,
    not,
    fail,
    wrong,
    isBlock,
    maxDepth,
    maxPatternLength,
    maxSegments,
  });
}

/** What is wrong at a place where `sought` should be. */
function mistakeAt(text: string, position: number, sought: Sought): MistakeName {
  const rest = text.slice(position, position + 4);
  if (rest.startsWith('“') || rest.startsWith('”')) return 'curlyQuote';
  if (rest.startsWith('&&')) return 'ampersands';
  if (rest.startsWith('||')) return 'bars';
  if (rest === '\\') return 'loneBackslash';
  switch (sought) {
    case 'term':
      return missingTerm(text, position, rest);
    case 'value':
      if (rest.startsWith('@')) return 'attributeInValue';
      if (/^(?:AND|OR|NOT)/.test(rest)) return 'operatorValue';
      return /^[#!\]}]/.test(rest) ? 'special' : 'noValue';
    case 'colon':
      return /^[#!<>[\]{}]/.test(rest) ? 'special' : 'noColon';
    case 'end':
      if (rest.startsWith(')')) return 'unopenedGroup';
      return /^[#!<>[\]{}:]/.test(rest) ? 'special' : 'glued';
    default:
      return sought satisfies never;
  }
}

function missingTerm(text: string, position: number, rest: string): MistakeName {
  if (/^(?:AND|OR|NOT)/.test(rest)) return 'noLeftTerm';
  if (rest.startsWith(')')) return text[position - 1] === '(' ? 'emptyGroup' : 'noTerm';
  if (rest.startsWith('@')) return 'attributeInValue';
  if (rest.startsWith('-')) return 'loneMinus';
  if (rest.startsWith('!')) return 'exclamation';
  if (rest.startsWith(':')) return 'noName';
  if (/^[<>[{]/.test(rest)) return 'loneComparison';
  return rest === '' ? 'noTerm' : 'special';
}
