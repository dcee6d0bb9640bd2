import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeHtml, escapeSlack } from '../template/escape.ts';
import { byteLength, fit, fitLines } from './fit.ts';

describe('fit', () => {
  test('leaves what fits as it is', () => {
    expect(fit('abc', 3)).toBe('abc');
  });

  test('cuts what does not, and says so', () => {
    expect(fit('abcdef', 4)).toBe('abc…');
  });

  test('counts what is escaped, and cuts no escape in two', () => {
    expect(fit('a&&&', 8, escapeHtml)).toBe('a&amp;…');
  });

  test('counts bytes where a receiver does', () => {
    expect(fit('ääää', 7, String, byteLength)).toBe('ää…');
  });

  test('never exceeds the room, and never leaves half a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.integer({ min: 12, max: 60 }),
        (text, max) => {
          for (const escape of [escapeHtml, escapeSlack]) {
            const fitted = fit(text, max, escape);
            expect(fitted.length).toBeLessThanOrEqual(max);
            expect(fitted.isWellFormed()).toBe(true);
            // What was cut is the escaped form of a beginning: nothing is escaped by half.
            const kept = fitted.replace(/…$/, '');
            const beginnings = Array.from({ length: Array.from(text).length + 1 }, (_, count) =>
              escape(Array.from(text.toWellFormed()).slice(0, count).join('')).trimEnd(),
            );
            expect(beginnings).toContain(kept.trimEnd());
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('fitLines', () => {
  test('says how many lines are left out', () => {
    expect(fitLines(['one', 'two', 'three and more', 'four'], 20)).toBe('one\ntwo\nand 2 more');
  });

  test('never exceeds the room, and counts every line', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 20 }), { maxLength: 30 }),
        fc.integer({ min: 12, max: 200 }),
        (lines, max) => {
          const fitted = fitLines(lines, max);
          expect(fitted.length).toBeLessThanOrEqual(max);
          const left = Number(/and (\d+) more$/.exec(fitted)?.[1] ?? 0);
          const shown =
            fitted === '' && lines.length <= 1 ? lines.length : fitted.split('\n').length;
          expect(shown - (left > 0 ? 1 : 0) + left).toBe(lines.length);
        },
      ),
    );
  });
});
