// docs/parity.md shows what the two rules for administrative ports really say, with a reason wherever
// they differ.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../support/project-copy.ts';
import { compareOnEstate, compareOnExamples } from './compare.ts';

const page = await readFile(resolve(projectRoot, 'docs/parity.md'), 'utf8');

type Row = { readonly cells: readonly string[]; readonly why: string };

/** The rows of the table below a heading; the last column is the reason. */
function rowsBelow(heading: string): readonly Row[] {
  const section = page.slice(page.indexOf(`\n## ${heading}\n`) + 1).split(/\n## /)[0] ?? '';
  const [, , ...rows] = section.match(/^\|.*\|$/gm) ?? [];
  return rows.map((row) => {
    const cells = row.slice(1, -1).split('|');
    return {
      cells: cells.slice(0, -1).map((cell) => cell.trim()),
      why: cells.at(-1)?.trim() ?? '',
    };
  });
}

test('on the example estate, the page tells of every signal what each rule says', async () => {
  const rows = rowsBelow('On the example estate');
  const compared = await compareOnEstate();
  expect(rows.map(({ cells }) => cells)).toEqual(compared);
  for (const { cells, why } of rows) {
    const [, , exposed = '', told = ''] = cells;
    // The same severity and the one port, or CloudFormation in its place.
    const [severity, port] = exposed.split(': ');
    const same =
      told.startsWith(`${severity}: ${port} `) || told === 'medium: Through CloudFormation';
    expect(`${cells[0]} ${why !== ''}`).toBe(`${cells[0]} ${!same}`);
  }
});

test('the page counts them', async () => {
  const rows = await compareOnEstate();
  const words = [
    'six',
    'seven',
    'eight',
    'nine',
    'ten',
    'eleven',
    'twelve',
    'thirteen',
    'fourteen',
  ];
  const both = rows.filter(([, , , told]) => told !== '–').length;
  expect(page).toContain(`Of the ${words[rows.length - 6]} openings`);
  expect(page.replaceAll('\n', ' ')).toContain(`the log rule tells of ${words[both - 6]}.`);
  expect(rows.every(([, , exposed]) => exposed !== '–')).toBe(true);
});

test('of the examples, it shows those on which they differ, each with the reason', async () => {
  const rows = rowsBelow('Made to differ');
  expect(rows.map(({ cells }) => cells)).toEqual(await compareOnExamples());
  for (const { why } of rows) expect(why.length).toBeGreaterThan(8);
  expect(rows.filter(({ cells }) => cells[1] === '–')).toHaveLength(4);
});
