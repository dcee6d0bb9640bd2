import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compileCondition,
  conditionLabels,
  conditionOperators,
  parseCondition,
  printCondition,
  type Condition,
} from './condition.ts';
import { QueryError } from './query-error.ts';

function holds(text: string, values: Readonly<Record<string, number>>): boolean {
  return compileCondition(parseCondition(text), Object.keys(values))(Object.values(values));
}

function errorOf(text: string): QueryError {
  try {
    parseCondition(text);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new Error(`${text} parses`);
}

describe('a comparison', () => {
  test.each([
    ['a > 3', [false, false, true]],
    ['a >= 3', [false, true, true]],
    ['a < 3', [true, false, false]],
    ['a <= 3', [true, true, false]],
    ['a == 3', [false, true, false]],
    ['a != 3', [true, false, true]],
  ])('%s', (text, expected) => {
    expect([2, 3, 4].map((a) => holds(text, { a }))).toEqual(expected);
  });

  test.each(conditionOperators)(
    'with %s does not hold of a value that is not there',
    (operator) => {
      expect(holds(`a ${operator} 0`, { a: Number.NaN })).toBe(false);
      expect(compileCondition(parseCondition(`a ${operator} 0`), ['a'])([])).toBe(false);
    },
  );

  test('takes numbers with a fraction, an exponent or a sign', () => {
    expect(holds('a > 2.5', { a: 2.6 })).toBe(true);
    expect(holds('a > .5', { a: 0.4 })).toBe(false);
    expect(holds('a == 1e3', { a: 1000 })).toBe(true);
    expect(holds('a == 1.5E+2', { a: 150 })).toBe(true);
    expect(holds('a == 25e-1', { a: 2.5 })).toBe(true);
    expect(holds('a >= -2', { a: -2 })).toBe(true);
    expect(parseCondition('a > -0')).toEqual({
      kind: 'compare',
      label: 'a',
      operator: '>',
      value: 0,
    });
  });

  test('needs no blanks, and minds no others', () => {
    expect(holds('a>3&&b>=1', { a: 4, b: 1 })).toBe(true);
    expect(holds('\ta\n>\n3 ', { a: 4 })).toBe(true);
  });

  test('finds its value by the label, wherever it stands among the queries', () => {
    expect(holds('logins_2 > 1', { a: 0, logins_2: 2, Z: 0 })).toBe(true);
    expect(() => compileCondition(parseCondition('c > 1'), ['a', 'b'])).toThrow(
      new RangeError('no query is called c'),
    );
  });
});

describe('joined comparisons', () => {
  test('&& binds tighter than ||', () => {
    const text = 'a > 0 && b > 0 || c > 0';
    expect(holds(text, { a: 0, b: 0, c: 1 })).toBe(true);
    expect(holds(text, { a: 1, b: 1, c: 0 })).toBe(true);
    expect(holds(text, { a: 1, b: 0, c: 0 })).toBe(false);
    expect(holds('c > 0 || a > 0 && b > 0', { a: 0, b: 0, c: 1 })).toBe(true);
  });

  test('parentheses go first', () => {
    const text = 'a > 0 && (b > 0 || c > 0)';
    expect(holds(text, { a: 0, b: 1, c: 1 })).toBe(false);
    expect(holds(text, { a: 1, b: 0, c: 1 })).toBe(true);
    expect(holds('((a > 0))', { a: 1 })).toBe(true);
  });

  test('are a tree in normal form', () => {
    expect(parseCondition('(a > 0 && b > 0) && c > 0')).toMatchObject({
      kind: 'and',
      terms: [{ label: 'a' }, { label: 'b' }, { label: 'c' }],
    });
    expect(parseCondition('a > 0 || (b > 0 || c > 0)')).toMatchObject({
      kind: 'or',
      terms: [{ label: 'a' }, { label: 'b' }, { label: 'c' }],
    });
  });

  test('name each label once, in order', () => {
    const condition = parseCondition('b > 0 && (a > 1 || b < 9) || c > 0');
    expect(conditionLabels(condition)).toEqual(['b', 'a', 'c']);
  });
});

const compare: fc.Arbitrary<Condition> = fc.record({
  kind: fc.constant('compare' as const),
  label: fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.stringMatching(/^[A-Za-z_]\w{0,8}$/)),
  operator: fc.constantFrom(...conditionOperators),
  value: fc
    .oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
    .map((value) => value + 0),
});

/** Any condition in normal form. */
const { condition: anyCondition } = fc.letrec<{
  condition: Condition;
  and: Condition;
  or: Condition;
}>((tie) => ({
  condition: fc.oneof({ maxDepth: 4 }, compare, tie('and'), tie('or')),
  and: fc.record({
    kind: fc.constant('and' as const),
    terms: fc.array(fc.oneof({ maxDepth: 4 }, compare, tie('or')), { minLength: 2, maxLength: 3 }),
  }),
  or: fc.record({
    kind: fc.constant('or' as const),
    terms: fc.array(fc.oneof({ maxDepth: 4 }, compare, tie('and')), { minLength: 2, maxLength: 3 }),
  }),
}));

describe('printing', () => {
  test('is undone by parsing', () => {
    fc.assert(
      fc.property(anyCondition, (condition) => {
        expect(parseCondition(printCondition(condition))).toEqual(condition);
      }),
      { numRuns: 2000 },
    );
  });

  test('gives one form to what means the same', () => {
    expect(printCondition(parseCondition(' ((a>3)) &&(b>=1||c>0.50)'))).toBe(
      'a > 3 && (b >= 1 || c > 0.5)',
    );
    expect(printCondition(parseCondition('(a > 3 && b >= 1) || c > 0'))).toBe(
      'a > 3 && b >= 1 || c > 0',
    );
  });
});

describe('what does not parse', () => {
  test.each([
    ['', 0, 'a comparison is missing', 'Write comparisons such as logins > 3'],
    ['  ', 2, 'a comparison is missing', 'Write comparisons'],
    ['3 < a', 0, 'a number stands left of the operator', 'write a > 3, not 3 < a'],
    ['a', 1, 'an operator should stand here', 'Compare, as in a > 3.'],
    ['a = 3', 2, 'an operator should stand here', 'Write == for equal.'],
    ['logins b', 7, 'an operator should stand here', 'Compare, as in logins > 3.'],
    ['a >', 3, 'a number should stand here', 'Compare, as in a > 3.'],
    ['a > b', 4, 'a number should stand here', 'Compare, as in a > 3.'],
    ['a > 3x', 4, 'a number should stand here', 'Compare'],
    ['a > 1e999', 4, 'the number is too large', 'Write a smaller one.'],
    ['a > 3 &&', 8, 'a comparison is missing', 'Write comparisons'],
    ['&& a > 3', 0, 'a comparison should stand in place of "&&"', 'Write comparisons'],
    ['a > 3 & b > 2', 6, 'something follows the condition', 'Join comparisons with && or ||.'],
    ['a > 3 b > 2', 6, 'something follows the condition', 'Join comparisons with && or ||.'],
    ['a > 3 then b > 2', 6, 'something follows the condition', 'Sequences are not known here'],
    ['a > 3 THEN b > 2', 6, 'something follows the condition', 'Sequences are not known here'],
    ['(a > 3', 0, 'this ( is never closed', 'Close it with ).'],
    ['b > 1 && (a > 3 || (c > 1)', 9, 'this ( is never closed', 'Close it with ).'],
    ['(a > 3 b > 2)', 7, 'a ) should stand here', 'Join comparisons with && or ||.'],
    ['a > 3)', 5, 'there is no ( for this )', 'Remove it, or open it before.'],
    ['!a', 0, 'a comparison should stand in place of "!"', 'Write comparisons'],
  ])('%j', (text, position, problem, hint) => {
    const error = errorOf(text);
    expect(error.message).toContain(problem);
    expect(error.position).toBe(position);
    expect(error.hint).toContain(hint);
  });

  test('parentheses deeper than anyone writes, and not one level less', () => {
    const nested = (depth: number): string => `${'('.repeat(depth)}a > 3${')'.repeat(depth)}`;
    expect(holds(nested(64), { a: 4 })).toBe(true);
    expect(errorOf(nested(65)).message).toContain('parentheses stand more than 64 deep');
    expect(errorOf(nested(65)).position).toBe(64);
    expect(errorOf('('.repeat(100_000)).hint).toBe('Write the condition with fewer.');
  });

  test('any text parses or is a clean error, fast', () => {
    const piece = fc.constantFrom(
      'a',
      '>',
      '=',
      '!',
      '3',
      '.',
      '(',
      ')',
      '&&',
      '||',
      ' ',
      'e',
      '-',
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 30 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (input) => {
        try {
          expect(printCondition(parseCondition(input))).not.toBe('');
        } catch (error) {
          expect(error).toBeInstanceOf(QueryError);
        }
      }),
      { numRuns: 5000 },
    );
    const start = performance.now();
    for (const long of [
      '1'.repeat(200_000),
      'a'.repeat(200_000),
      `a > 3${' && a > 3'.repeat(20_000)}`,
    ]) {
      try {
        parseCondition(long);
      } catch (error) {
        expect(error).toBeInstanceOf(QueryError);
      }
    }
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
