import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileQuery } from '../../query/index.ts';
import { patternsOfRegex } from './sigma-regex.ts';
import { one, star, testOf } from './sigma-text.ts';

describe('wildcards say', () => {
  test.each([
    ['abc', [[star, 'abc', star]]],
    ['^abc$', [['abc']]],
    ['^a.b.*c.+$', [['a', one, 'b', star, 'c', one, star]]],
    [
      '^a|b$',
      [
        ['a', star],
        [star, 'b'],
      ],
    ],
    ['^(?:a|b)c$', [['ac'], ['bc']]],
    ['^[Aa]b$', [['Ab'], ['ab']]],
    ['^[a-c]$', [['a'], ['b'], ['c']]],
    ['^[-a]$', [['-'], ['a']]],
    ['^[a-]$', [['a'], ['-']]],
    [String.raw`^\.\*\\$`, [['.*\\']]],
    ['^ab?$', [['a'], ['ab']]],
    ['^a{2}.{2}$', [['aa', one, one]]],
    ['^.{1,}$', [[one, star]]],
    ['^.*?x$', [[star, 'x']]],
    ['', [[star]]],
    ['^$', [[]]],
  ])('%j', (expression, patterns) => {
    expect(patternsOfRegex(expression)).toEqual(patterns);
  });
});

test.each([
  'a+',
  'a*',
  '(ab)*',
  '[^a]',
  '[]a]',
  '[a',
  '[[:alpha:]]',
  '[b-a]',
  '[\u0000-\uffff]',
  String.raw`\d`,
  String.raw`a\b`,
  'a\\',
  '(a',
  'a)',
  '(?=a)',
  '(?i)a',
  'a^b',
  'a$b',
  '(^a)',
  '(a$)',
  '*a',
  'a{x}',
  'a{3,1}',
  '.++',
  '(a|b){9}',
  '[a-z][a-z]',
  'a'.repeat(3000),
])('wildcards cannot say %j', (expression) => {
  expect(patternsOfRegex(expression)).toBeNull();
});

test('a pattern matches what JavaScript finds', () => {
  const expression = fc
    .array(
      fc.constantFrom(
        'a',
        'b',
        '.',
        '.*',
        '.+',
        '.{2}',
        '(a|bc)',
        '[ab]',
        'a?',
        'b{1,2}',
        '|',
        '^',
        '$',
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join(''));
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 })
    .map((parts) => parts.join(''));
  let compared = 0;
  fc.assert(
    fc.property(expression, fc.array(text, { minLength: 5, maxLength: 10 }), (made, texts) => {
      const patterns = patternsOfRegex(made);
      if (patterns === null) return;
      const finds = new RegExp(made, 'su');
      const matchers = patterns.map((pattern) =>
        compileQuery({
          kind: 'match',
          attribute: { kind: 'path', path: 'v' },
          test: testOf(pattern),
        }),
      );
      for (const v of texts) {
        compared += 1;
        expect({ made, v, is: matchers.some((matches) => matches({ v })) }).toEqual({
          made,
          v,
          is: finds.test(v),
        });
      }
    }),
    { numRuns: 500 },
  );
  expect(compared).toBeGreaterThan(500);
});
