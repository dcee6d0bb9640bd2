// What an attacker writes into a record comes out harmless in every output format there is.
// Formats add rules of their own, tested beside them: formulas in CSV, markup in Markdown and HTML.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatNames, isFormatName, loadRenderer } from '../../src/render/formats.ts';
import { arbitraryResult } from '../support/arbitrary-results.ts';
import { aContext } from '../support/scan-results.ts';

/** Line ends and tabs are layout; everything else in these classes steers what shows it. */
const steering =
  /[^\P{Cc}\t\n\r]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u{e0001}\u{e0020}-\u{e007f}]/u;

test.each(formatNames)(
  '%s has no control, bidirectional or invisible character in it',
  async (name) => {
    const render = await loadRenderer(name);
    fc.assert(
      fc.property(arbitraryResult(), (result) => {
        const text = [...render(result, aContext())].join('');
        expect(steering.exec(text)).toBeNull();
        expect(text.isWellFormed()).toBe(true);
        expect(text === '' || text.endsWith('\n')).toBe(true);
      }),
      { numRuns: 50 },
    );
  },
);

test.each(formatNames)('%s gives the same text for the same result', async (name) => {
  const render = await loadRenderer(name);
  fc.assert(
    fc.property(arbitraryResult(), (result) => {
      const [once, twice] = [render(result, aContext()), render(result, aContext())];
      expect([...once].join('') === [...twice].join('')).toBe(true);
    }),
    { numRuns: 10 },
  );
});

test('only names of formats are names of formats', () => {
  expect(formatNames.every(isFormatName)).toBe(true);
  expect(['toString', '__proto__', 'Table', ''].some(isFormatName)).toBe(false);
});
