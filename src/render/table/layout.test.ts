import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  lineText,
  lineWidth,
  padEnd,
  padStart,
  paint,
  row,
  together,
  truncate,
  truncateStart,
  wrap,
} from './layout.ts';

const texts = (text: string, width: number): string[] => wrap([{ text }], width).map(lineText);
const word = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replace(/\s/gu, ''));

describe('wrapping', () => {
  test('breaks at blanks, and not inside of what is held together', () => {
    expect(texts('22 SSH, 3389 RDP', 8)).toEqual(['22 SSH,', '3389 RDP']);
    expect(texts(`22 SSH, ${together('2375 Docker daemon')}`, 20)).toEqual([
      '22 SSH,',
      '2375 Docker daemon',
    ]);
  });

  test('breaks a word that is longer than a line after a separator, or else where it must', () => {
    expect(texts('AWSLogs/111122223333/CloudTrail', 14)).toEqual([
      'AWSLogs/',
      '111122223333/',
      'CloudTrail',
    ]);
    expect(texts('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  });

  test('counts wide characters as two columns', () => {
    expect(texts('測定測定', 4)).toEqual(['測定', '測定']);
    expect(texts('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3)).toEqual(['👩‍👩‍👧‍👦', '👩‍👩‍👧‍👦']);
  });

  test('keeps spans that touch on one line, each in its style', () => {
    const lines = wrap([{ text: 'by ' }, { text: 'alice', style: 'bold' }, { text: ', who' }], 10);
    expect(lines).toEqual([
      [{ text: 'by' }, { text: ' ' }, { text: 'alice', style: 'bold' }, { text: ',' }],
      [{ text: 'who' }],
    ]);
  });

  test('gives one empty line for nothing', () => {
    expect(wrap([], 10)).toEqual([[]]);
  });

  test('loses nothing but blanks, and no line is too wide', () => {
    fc.assert(
      fc.property(fc.array(word), fc.integer({ min: 8, max: 30 }), (parts, width) => {
        const lines = wrap(
          parts.map((text) => ({ text: `${text} ` })),
          width,
        );
        expect(lines.map(lineText).join('').replaceAll(' ', '')).toBe(parts.join(''));
        for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('cutting', () => {
  test('shows that something is missing', () => {
    expect(truncate('bastion', 7)).toBe('bastion');
    expect(truncate('bastion', 6)).toBe('basti…');
    expect(truncateStart('/a/b/c.json', 11)).toBe('/a/b/c.json');
    expect(truncateStart('/a/b/c.json', 7)).toBe('…c.json');
    expect(truncateStart('測定測定', 4)).toBe('…定');
  });

  test('never leaves more than fits', () => {
    fc.assert(
      fc.property(word, fc.integer({ min: 5, max: 10 }), (text, width) => {
        expect(lineWidth([{ text: truncate(text, width) }])).toBeLessThanOrEqual(width);
        expect(lineWidth([{ text: truncateStart(text, width) }])).toBeLessThanOrEqual(width);
      }),
    );
  });
});

test('padding fills up to a width at either end, and leaves what is wider', () => {
  expect(lineText(padEnd([{ text: '測' }], 4))).toBe('測  ');
  expect(lineText(padStart([{ text: '測' }], 4))).toBe('  測');
  expect(lineText(padEnd([{ text: 'wide' }], 2))).toBe('wide');
});

test('a row is as high as its highest cell, every cell in its column', () => {
  const columns = [{ width: 6 }, { width: 5, align: 'end' }] as const;
  const lines = row([[{ text: 'one two three' }], [{ text: 'end' }]], columns);
  expect(lines.map(lineText)).toEqual(
    ['one       end', 'two     ', 'three   '].map((text) => text.padEnd(13)),
  );
});

describe('painting', () => {
  const line = [{ text: 'STILL OPEN', style: 'red' }, { text: '  ' }] as const;

  test('uses escape sequences where color is wanted, whatever the stream or environment', () => {
    expect(paint(line, true)).toBe('\u001b[31mSTILL OPEN\u001b[39m');
  });

  test('uses none where it is not, and cuts blanks at the end', () => {
    expect(paint(line, false)).toBe('STILL OPEN');
    expect(paint([{ text: ' ' }], true)).toBe('');
  });
});
