// Files that are made from others are up to date, and none is left over from a rule that is gone.

import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatedFiles, projectRoot } from '../../scripts/generated-files.ts';

const files = await generatedFiles();

describe('a generated file is up to date; `npm run docs` makes it so', () => {
  test.each([...files.keys()])('%s', async (path) => {
    expect(await readFile(resolve(projectRoot, path), 'utf8')).toBe(files.get(path));
  });
});

test('every page below docs/rules belongs to a rule, but for the one that teaches writing them', async () => {
  const pages = await readdir(resolve(projectRoot, 'docs/rules'));
  const made = [...files.keys()].filter((path) => path.startsWith('docs/rules/'));
  expect(pages.map((page) => `docs/rules/${page}`).toSorted()).toEqual(
    [...made, 'docs/rules/writing.md'].toSorted(),
  );
});
