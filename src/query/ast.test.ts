import { describe, expect, test } from 'vitest';
import { and, not, or, type Query } from './ast.ts';

const a: Query = { kind: 'text', pattern: ['a'] };
const b: Query = { kind: 'text', pattern: ['b'] };

describe('a tree is built in normal form', () => {
  test('a list of one is its term', () => {
    expect(and([a])).toBe(a);
    expect(or([a])).toBe(a);
  });

  test('a list in a list of its kind is part of it', () => {
    expect(and([and([a, b]), a])).toEqual({ kind: 'and', terms: [a, b, a] });
    expect(or([a, or([b, a])])).toEqual({ kind: 'or', terms: [a, b, a] });
  });

  test('a list in a list of the other kind stays', () => {
    expect(and([or([a, b]), a])).toEqual({
      kind: 'and',
      terms: [{ kind: 'or', terms: [a, b] }, a],
    });
  });

  test('two negations are none', () => {
    expect(not(a)).toEqual({ kind: 'not', term: a });
    expect(not(not(a))).toBe(a);
  });

  test('a list of none is refused', () => {
    expect(() => and([])).toThrow(new RangeError('and needs a term'));
    expect(() => or([])).toThrow(new RangeError('or needs a term'));
  });
});
