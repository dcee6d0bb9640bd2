import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readYaml } from '../yaml-file.ts';
import { printYaml } from './print-yaml.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }).map((value) => value.toWellFormed()),
  fc
    .array(
      fc.constantFrom(
        'a',
        ' ',
        '\n',
        '\r',
        '\t',
        '\\',
        '"',
        "'",
        '#',
        ': ',
        '- ',
        '|',
        '\u202e',
        '\u0085',
      ),
    )
    .map((parts) => parts.join('')),
  fc.constantFrom('null', 'true', '1', '1e3', '0x1', '', '~', '---', '2026-03-01'),
);

const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 4, arbitrary: text },
    { weight: 1, arbitrary: fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)) },
    { weight: 2, arbitrary: fc.array(tie('value'), { minLength: 1, maxLength: 3 }) },
    { weight: 3, arbitrary: fc.dictionary(text, tie('value'), { minKeys: 1, maxKeys: 3 }) },
  ),
})).value;

test('reading what was printed gives the same values', () => {
  fc.assert(
    fc.property(
      fc.dictionary(text, value, { minKeys: 1 }),
      fc.constantFrom(2, 4),
      (data, indent) => {
        expect(readYaml(printYaml(data, { indent }), 'f').data).toEqual({ ...data });
      },
    ),
    { numRuns: 500 },
  );
});

test('what a terminal would obey, or not show, is escaped', () => {
  fc.assert(
    fc.property(value, (data) => {
      expect(printYaml({ data })).not.toMatch(/[^\P{C}\n]|\p{Zl}|\p{Zp}/u);
    }),
  );
});

describe('for people', () => {
  test('a text of several lines is a block, and what says nothing is left out', () => {
    const printed = printYaml({ a: 'x\ny\n', b: undefined, c: [], d: {}, e: { f: [] }, g: '' });
    expect(printed).toBe("a: |\n  x\n  y\ng: ''\n");
  });

  test('no line is folded', () => {
    const long = 'word '.repeat(60).trim();
    expect(printYaml({ long, quoted: `${long}: "x" \u0007` }).split('\n')).toHaveLength(3);
  });

  test('a comment stands above', () => {
    expect(printYaml({ a: 1 }, { comment: 'one\ntwo' })).toBe('# one\n# two\n\na: 1\n');
  });

  test('a value that stands twice is written twice', () => {
    const twice = { x: 1 };
    expect(printYaml({ a: twice, b: twice })).toBe('a:\n  x: 1\nb:\n  x: 1\n');
  });
});
