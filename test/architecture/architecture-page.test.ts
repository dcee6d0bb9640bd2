// ARCHITECTURE.md describes every folder of src/ and no other.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../support/project-copy.ts';
import { sourceFiles, sourceFolders } from './modules.ts';

const page = readFileSync(resolve(projectRoot, 'ARCHITECTURE.md'), 'utf8');

/** The paths that a row of a table starts with, with what the row says of them. */
const described = new Map(
  [...page.matchAll(/^\| `(src\/[^`]+)` +\| +(.*?) +\|$/gm)].map(([, path = '', text = '']) => [
    path,
    text,
  ]),
);

function describedPaths(isWanted: (path: string) => boolean): readonly string[] {
  return [...described.keys()].filter(isWanted).toSorted();
}

test('every folder of src/ is described, and every folder described is there', () => {
  expect(describedPaths((path) => path.endsWith('/'))).toEqual(sourceFolders());
});

test('every file directly in src/ is described, and every file described is there', () => {
  const files = sourceFiles('.ts').filter(
    (path) => path.split('/').length === 2 && !path.endsWith('.test.ts'),
  );
  expect(describedPaths((path) => !path.endsWith('/'))).toEqual(files);
});

test('a description says something', () => {
  for (const text of described.values()) expect(text.split(' ').length).toBeGreaterThan(4);
});
