// docs/output-formats.md names every format that there is, and no other.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { formatNames } from '../../src/render/formats.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/output-formats.md'), 'utf8');

test('the first table has a row for each format, in the order of the help', () => {
  const [, table = ''] = page.split('| format', 2);
  const rows = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  expect(rows).toEqual([...formatNames]);
});

test('each format but JSON, which has its own page, has a section', () => {
  const sections = [...page.matchAll(/^## (\w+)$/gm)].map(([, title = '']) => title.toLowerCase());
  expect(sections).toEqual(formatNames.filter((name) => name !== 'json'));
});
