// What no file of the project may say: paths of one person's machine, names of registry hosts (whose
// choice is npm's and pip's configuration), and notes about work that is not done.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { projectFiles, projectRoot } from '../support/project-copy.ts';

const isBinary = /\.(?:gz|png|zst|zip|wasm|ico)$/;
const self = 'test/architecture/words.test.ts';

const everywhere: readonly RegExp[] = [
  /\b(?:TODO|FIXME|XXX)\b/,
  /\b(?:registry\.npmjs|npmjs\.(?:org|com)\/|files\.pythonhosted|pypi\.org|deb\.debian|registry\.yarnpkg)/,
  /(?<![\w.}])\/(?:home|Users|root|work)\/\w/,
];
const inDocumentation: readonly RegExp[] = [/(?<![\w.])\/tmp\b/];

const texts = projectFiles()
  .filter((path) => !isBinary.test(path) && path !== self)
  .map((path) => ({ path, text: readFileSync(resolve(projectRoot, path), 'utf8') }));

function linesWith(pattern: RegExp, isWanted: (path: string) => boolean): readonly string[] {
  return texts
    .filter(({ path }) => isWanted(path))
    .flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? `${path}:${index + 1}: ${line}` : [])),
    );
}

test.each(everywhere)('no file says %s', (pattern) => {
  expect(linesWith(pattern, () => true)).toEqual([]);
});

test.each(inDocumentation)('no page says %s', (pattern) => {
  expect(linesWith(pattern, (path) => path.endsWith('.md'))).toEqual([]);
});

test('files are looked at', () => {
  expect(texts.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['portcullis', 'README.md', 'src/index.ts', 'package-lock.json']),
  );
});
