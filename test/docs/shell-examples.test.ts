// The shell examples of the README and of every other page do what they show. Each page runs in a
// copy of the project of its own, with the command on PATH, block after block, as a reader would.
//
// In a block ```sh, a line that begins with `$ ` is a command, and what follows is its output; `...`
// stands for any lines, `…` for any text in one. A block without such a line is commands only, which
// have to succeed. A block that cannot run has a comment `<!-- not run: why -->` before it.

import { readFileSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  copyProject,
  projectFiles,
  projectRoot,
  removeFolder,
  temporaryFolder,
} from '../support/project-copy.ts';
import { runCommand } from '../support/run-command.ts';

type Example = { readonly line: number; readonly text: string };
type Page = {
  readonly path: string;
  readonly examples: readonly Example[];
  readonly notRun: number;
};

const root = temporaryFolder();

function readPage(path: string): Page {
  const text = readFileSync(join(projectRoot, path), 'utf8');
  const examples: Example[] = [];
  let notRun = 0;
  for (const block of text.matchAll(/(<!-- not run: [^>]+ -->\s*)?^```sh\n([^]*?)^```$/gm)) {
    const [, mark, body = ''] = block;
    if (mark === undefined) {
      examples.push({ line: text.slice(0, block.index).split('\n').length, text: body });
    } else notRun += 1;
  }
  return { path, examples, notRun };
}

/** Generated pages are checked against what they are made from; their commands need an estate. */
const pages = projectFiles()
  .filter((path) => path.endsWith('.md'))
  .filter((path) => !path.startsWith('docs/rules/') || path === 'docs/rules/writing.md')
  .map(readPage)
  .filter(({ examples }) => examples.length > 0);

type Step = { readonly command: string; readonly output: string | null };

function stepsOf(text: string): readonly Step[] {
  if (!/^\$ /m.test(text)) return [{ command: text, output: null }];
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [, command = '', output = ''] = /^((?:.*\\\n)*.*)\n?([^]*)$/.exec(part) ?? [];
      return { command, output };
    });
}

/** The shown output as a pattern: exact but for `...` and `…`, and blanks at line ends. */
function patternOf(shown: string): RegExp {
  const lines = shown.trimEnd().split('\n');
  const parts = lines.map((line) =>
    line.trim() === '...'
      ? '(?:.*\n)*?'
      : `${line
          .trimEnd()
          .split('…')
          .map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
          .join('.*')}[ \t]*\n`,
  );
  return new RegExp(`^${parts.join('')}$`);
}

afterAll(() => removeFolder(root));

describe.each(pages)('$path', ({ path, examples }) => {
  const folder = join(root, path.replaceAll('/', ' '));
  const env = {
    PATH: [folder, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    HOME: root,
    COLUMNS: '80',
    NO_COLOR: '1',
  };
  let isCopied = false;

  test.each(examples)('the example in line $line', async ({ text }) => {
    if (!isCopied) {
      copyProject(folder);
      symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
      isCopied = true;
    }
    for (const { command, output } of stepsOf(text)) {
      const result = await runCommand('sh', ['-e', '-c', command], { cwd: folder, env });
      if (output === null) {
        expect(result).toMatchObject({ exitCode: 0 });
        // In a pipe the exit code is another program's.
        expect(result.stderr).not.toMatch(/^portcullis: /m);
        continue;
      }
      expect(`${result.stdout}${result.stderr}`.trimEnd().concat('\n')).toMatch(
        output.trim() === '' ? /^\n$/ : patternOf(output),
      );
    }
  });
});

test('the pages have examples', () => {
  expect(pages.map(({ path }) => path)).toContain('README.md');
});

describe('the reader of examples', () => {
  test('takes commands apart from their output', () => {
    expect(stepsOf('$ one \\\n  more\nout\nput\n$ two\n')).toEqual([
      { command: 'one \\\n  more', output: 'out\nput\n' },
      { command: 'two', output: '' },
    ]);
    expect(stepsOf('one\ntwo\n')).toEqual([{ command: 'one\ntwo\n', output: null }]);
  });

  test('lets dots stand for lines, an ellipsis for text in a line, and nothing else', () => {
    const pattern = patternOf('a …c\n...\n(end)\n');
    for (const text of ['a b c\n(end)\n', 'a c\n1\n2\n(end)\n']) expect(text).toMatch(pattern);
    for (const text of ['a b\n(end)\n', 'a b c\nend\n', 'x\na c\n(end)\n']) {
      expect(text).not.toMatch(pattern);
    }
  });
});
