import { describe, expect, test } from 'vitest';
import { hasCase, joined, one, patternOf, sigmaText, star, testOf } from './sigma-text.ts';

describe('a text of Sigma', () => {
  test.each([
    ['plain', ['plain']],
    ['', []],
    ['a*b?c', ['a', star, 'b', one, 'c']],
    [String.raw`C:\Windows`, [String.raw`C:\Windows`]],
    [String.raw`a\\b`, [String.raw`a\b`]],
    [String.raw`\*\?`, ['*?']],
    [String.raw`\\*`, ['\\', star]],
    [String.raw`\\\*`, ['\\*']],
    [String.raw`\\\\`, ['\\\\']],
    ['end\\', ['end\\']],
    ['**', [star]],
    ['*?*', [star, one, star]],
    ['é😀', ['é😀']],
  ])('%j is a pattern', (text, pattern) => {
    expect(patternOf(text)).toEqual(pattern);
  });

  test('says the pattern again', () => {
    expect(sigmaText(['a*\\', star, '?', one])).toBe(String.raw`a\*\\*\??`);
    expect(patternOf(sigmaText(['a*\\', star, '?', one]))).toEqual(['a*\\', star, '?', one]);
  });
});

test('patterns are in normal form', () => {
  expect(joined(['a', '', 'b', star, star, one, star])).toEqual(['ab', star, one, star]);
});

test('what is asked of a value', () => {
  expect(testOf([])).toEqual({ kind: 'equals', value: '' });
  expect(testOf(['a'])).toEqual({ kind: 'equals', value: 'a' });
  expect(testOf([star])).toEqual({ kind: 'exists' });
  expect(testOf([one])).toEqual({ kind: 'like', pattern: [one] });
  expect(testOf(['a', star])).toEqual({ kind: 'like', pattern: ['a', star] });
});

test('letters have case; digits, signs and wildcards have none', () => {
  expect(['a', 'É', 'ſ'].map((text) => hasCase([text]))).toEqual([true, true, true]);
  expect([hasCase(['10.0/8 日']), hasCase([star]), hasCase([])]).toEqual([false, false, false]);
});
