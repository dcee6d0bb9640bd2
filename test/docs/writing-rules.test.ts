// What docs/rules/writing.md teaches is true: its rules load and pass their examples, its commands print
// what it shows, and its tables name exactly the fields that there are.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import type { z } from 'zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addRulesCommand } from '../../src/cli/commands/rules.ts';
import { examplesFileSchema } from '../../src/rules/examples-schema.ts';
import { ruleFileSchema } from '../../src/rules/rule-schema.ts';

const page = await readFile(resolve(import.meta.dirname, '../../docs/rules/writing.md'), 'utf8');

let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portcullis-docs-'));
  for (const [, path = '', text = ''] of page.matchAll(
    /<!-- file: (\S+) -->\n\n```yaml\n([^]*?)```/g,
  )) {
    const file = join(directory, 'my-rules', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function run(...words: string[]): Promise<{ output: string; exitCode: number }> {
  let output = '';
  let exitCode = 0;
  const program = new Command('portcullis');
  addRulesCommand(program, {
    write: (text) => (output += text),
    setExitCode: (code) => (exitCode = code),
    columns: 80,
  });
  await program.parseAsync(['rules', ...words], { from: 'user' });
  return { output, exitCode };
}

/** The block of output that follows a place of the page. */
function shownAfter(text: string): string {
  const start = page.indexOf(text);
  expect(start).toBeGreaterThan(-1);
  return /```text\n([^]*?)```/.exec(page.slice(start))?.[1] ?? '';
}

function fieldsBelow(heading: string): readonly string[] {
  const section = page.slice(page.indexOf(`\n${heading}\n`)).split(/\n#+ /)[1] ?? '';
  return [...section.matchAll(/^\| ((?:`\w+`(?:, )?)+) +\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, field = '']) => field),
  );
}

test('the rules of the page are valid', async () => {
  const { output, exitCode } = await run('validate', join(directory, 'my-rules'));
  expect(output).toBe('3 rules with 9 examples: nothing to correct\n');
  expect(exitCode).toBe(0);
});

test.each([
  ['jenkins-open-to-world', '## A first exposure rule'],
  ['secrets-enumerated', '## A first log rule'],
])('the examples of %s pass, and print what the page shows', async (id, heading) => {
  const { output, exitCode } = await run('test', join(directory, 'my-rules', id));
  expect(output).toBe(shownAfter(heading));
  expect(exitCode).toBe(0);
});

test('the wrong rule is wrong in the way that the page shows', async () => {
  const [, text = ''] = /<!-- wrong -->\n\n```yaml\n([^]*?)```/.exec(page) ?? [];
  const folder = join(directory, 'wrong', 'my-rules', 'my-rule');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'rule.yaml'), text);
  const { output, exitCode } = await run('validate', dirname(folder));
  expect(output).toContain(shownAfter('<!-- wrong -->').replace('my-rules/my-rule', folder));
  expect(exitCode).toBe(2);
});

describe('the fields in the tables are the fields that there are:', () => {
  const { exposure, options, triage, changelog } = ruleFileSchema.shape;
  const { otherPorts } = exposure.shape;
  const cases = examplesFileSchema.shape.cases.element;

  test('of rule.yaml', () => {
    expect(fieldsBelow('## rule.yaml')).toEqual(Object.keys(ruleFileSchema.shape));
  });

  test('of exposure', () => {
    expect(fieldsBelow('### exposure')).toEqual(Object.keys(exposure.shape));
  });

  test('of a case', () => {
    expect(fieldsBelow('## examples.yaml')).toEqual(Object.keys(cases.shape));
  });

  test('and of what has no table of its own, named in the text', () => {
    const nested: readonly z.ZodObject[] = [
      otherPorts.unwrap(),
      options.unwrap(),
      triage.element,
      changelog.element,
      cases.shape.fires.unwrap().element,
    ];
    for (const { shape } of nested) {
      for (const field of Object.keys(shape)) expect(page).toContain(`\`${field}\``);
    }
  });
});
