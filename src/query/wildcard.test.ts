import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { likeMeans } from '../../test/support/query.ts';
import type { Pattern } from './ast.ts';
import { compileWildcard } from './wildcard.ts';

/** `a*b?` as a pattern; every other character is itself. */
function pattern(text: string): Pattern {
  return Array.from(text).map((character) =>
    character === '*' || character === '?' ? { wildcard: character } : character,
  );
}

/** The same with its characters joined to strings, as the parser has it. */
function joined(text: string): Pattern {
  return (text.match(/[^*?]+|[*?]/gu) ?? []).map((part) =>
    part === '*' || part === '?' ? { wildcard: part } : part,
  );
}

describe('a pattern', () => {
  test.each([
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['abc', 'ABC', false],
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'abc', true],
    ['?', 'a', true],
    ['?', '', false],
    ['?', 'ab', false],
    ['a*', 'a', true],
    ['a*', 'abc', true],
    ['a*', 'ba', false],
    ['*a', 'a', true],
    ['*a', 'cba', true],
    ['*a', 'ab', false],
    ['*b*', 'abc', true],
    ['*b*', 'b', true],
    ['*b*', 'ac', false],
    ['a*c', 'ac', true],
    ['a*c', 'abbc', true],
    ['a*c', 'acb', false],
    ['a*a', 'a', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*?', '', false],
    ['?*', 'a', true],
    ['*ab*ab*', 'abab', true],
    ['*ab*ab*', 'aba', false],
    ['*aab', 'aaab', true],
    ['a*b*c', 'abcbc', true],
    ['?', '😀', true],
    ['??', '😀', false],
    ['a?b', 'a😀b', true],
    ['*\u{1f600}', 'a😀', true],
  ])('%s and %s: %j', (text, subject, expected) => {
    expect(compileWildcard(joined(text))(subject)).toBe(expected);
    expect(compileWildcard(pattern(text))(subject)).toBe(expected);
  });

  test.each([
    ['b', 'abc', true],
    ['', '', true],
    ['', 'a', true],
    ['ac', 'abc', false],
    ['b?d', 'abcde', true],
    ['b*d', 'abcde', true],
    ['b*d', 'abce', false],
    ['e?', 'abcde', false],
    ['c', 'abc', true],
  ])('anywhere: %s in %s: %j', (text, subject, expected) => {
    expect(compileWildcard(joined(text), { anywhere: true })(subject)).toBe(expected);
  });

  test.each([
    ['a*c', 'a c', false],
    ['a*c', 'abc', true],
    ['a *c', 'a bc', true],
    ['a?c', 'a c', true],
    ['*', 'ab', true],
    ['*', 'a b', false],
    ['a*', 'a b', false],
    ['*b', 'a b', false],
    ['*b*', 'a b', false],
    ['* *', 'a b', true],
  ])('with a separator: %s and %s: %j', (text, subject, expected) => {
    expect(compileWildcard(joined(text), { separator: ' ' })(subject)).toBe(expected);
  });
});

test('matches as trying every way does, whatever the pattern, the text and how it is asked', () => {
  const few = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '*', '?', '😀'), maxLength: 9 });
  const options = fc.record(
    { anywhere: fc.boolean(), separator: fc.constant(' ') },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(few, few, options, (text, subject, how) => {
      const characters = Array.from(subject);
      const parts = joined(text);
      const starts = how.anywhere === true ? [...characters.keys(), characters.length] : [0];
      const expected = starts.some((start) => {
        const ends =
          how.anywhere === true
            ? Array.from({ length: characters.length - start + 1 }, (_, index) => start + index)
            : [characters.length];
        return ends.some((end) => likeMeans(parts, characters.slice(start, end), how.separator));
      });
      expect(compileWildcard(parts, how)(subject)).toBe(expected);
    }),
    { numRuns: 5000 },
  );
});

test('long patterns match over the bounds of machine words', () => {
  for (const length of [30, 31, 32, 33, 63, 64, 65, 199, 200, 201, 1023]) {
    const letters = 'ab'.repeat(length).slice(0, length);
    const matches = compileWildcard(['x', { wildcard: '?' }, letters, { wildcard: '*' }, 'y']);
    expect(matches(`x.${letters}y`)).toBe(true);
    expect(matches(`x.${letters}...y`)).toBe(true);
    expect(matches(`x.${letters.slice(1)}y`)).toBe(false);
    expect(matches(`x.${letters}`)).toBe(false);
    const contains = compileWildcard([{ wildcard: '*' }, letters, { wildcard: '*' }]);
    expect(contains(`..${letters}..`)).toBe(true);
    expect(contains(`..${letters.slice(1)}..`)).toBe(false);
    const anywhere = compileWildcard([letters], { anywhere: true });
    expect(anywhere(`..${letters}..`)).toBe(true);
    expect(anywhere(letters.slice(1))).toBe(false);
  }
});

describe('the worst patterns take time in proportion to the text', () => {
  const length = 200_000;
  test.each([
    ['stars between letters', `${'*a'.repeat(500)}*b`, 'a'.repeat(length)],
    ['a string that almost repeats', `*${'a'.repeat(500)}b${'a'.repeat(500)}*`, 'a'.repeat(length)],
    ['another', `*bb${'ab'.repeat(500)}*`, 'ab'.repeat(length / 2)],
    ['single characters', `*${'?a'.repeat(500)}b`, 'a'.repeat(length)],
    ['stars and single characters', `${'*?'.repeat(500)}b`, 'a'.repeat(length)],
  ])('%s', (_name, text, subject) => {
    const matches = compileWildcard(joined(text));
    const before = process.cpuUsage();
    expect(matches(subject)).toBe(false);
    const { user, system } = process.cpuUsage(before);
    // 1,000 places of the pattern in 32 words: a few nanoseconds each for 200,000 characters.
    expect((user + system) / 1000).toBeLessThan(500);
  });
});
