import { describe, expect, test } from 'vitest';
import { parseSigmaCondition, SigmaConditionError } from './sigma-condition.ts';

const name = (text: string): object => ({ kind: 'name', name: text });

describe('a condition', () => {
  test.each<[string, object]>([
    ['selection', name('selection')],
    [
      'a or b and c',
      { kind: 'or', terms: [name('a'), { kind: 'and', terms: [name('b'), name('c')] }] },
    ],
    [
      '(a or b) and c',
      { kind: 'and', terms: [{ kind: 'or', terms: [name('a'), name('b')] }, name('c')] },
    ],
    ['not a and b', { kind: 'and', terms: [{ kind: 'not', term: name('a') }, name('b')] }],
    ['not not a', name('a')],
    ['NOT (a AND b)', { kind: 'not', term: { kind: 'and', terms: [name('a'), name('b')] } }],
    ['1 of sel*', { kind: 'of', quantity: 'any', pattern: 'sel*' }],
    ['any of them', { kind: 'of', quantity: 'any', pattern: null }],
    ['all of a_*_b', { kind: 'of', quantity: 'all', pattern: 'a_*_b' }],
    [
      'a and not 1 of filter_*',
      {
        kind: 'and',
        terms: [
          name('a'),
          { kind: 'not', term: { kind: 'of', quantity: 'any', pattern: 'filter_*' } },
        ],
      },
    ],
    ['  a\n  and(b)', { kind: 'and', terms: [name('a'), name('b')] }],
  ])('%j', (text, tree) => {
    expect(parseSigmaCondition(text)).toEqual(tree);
  });
});

test.each([
  ['', 'lacks a selection'],
  ['a and', 'lacks a selection'],
  ['not', 'lacks a selection'],
  ['()', 'lacks a selection'],
  ['them', 'lacks a selection'],
  ['1 of', 'lacks a selection'],
  ['1 of (a)', 'lacks a selection'],
  ['a b', 'has b where it should end'],
  ['a)', 'has ) where it should end'],
  ['(a', 'has a parenthesis that is not closed'],
  ['2 of a*', 'asks for 2 of several; 1 and all are known'],
  ['a | count() > 5', 'counts matches with |, the old way of correlating'],
  [`${'('.repeat(65)}a${')'.repeat(65)}`, 'nests too deep'],
])('%j %s', (text, message) => {
  expect(() => parseSigmaCondition(text)).toThrow(new SigmaConditionError(message));
});

test('as deep as is needed', () => {
  expect(parseSigmaCondition(`${'('.repeat(64)}a${')'.repeat(64)}`)).toEqual(name('a'));
  expect(parseSigmaCondition(`${'(a) and '.repeat(100)}a`)).toMatchObject({ kind: 'and' });
});
