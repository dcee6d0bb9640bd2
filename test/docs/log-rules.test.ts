// What docs/log-rules.md teaches is true: its rule passes its examples, the command prints what it
// shows, its tables name exactly the fields that there are, and what it says of limits holds.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addRulesCommand } from '../../src/cli/commands/rules.ts';
import { aggregations, detectionMethods } from '../../src/model/rule.ts';
import { conditionOperators } from '../../src/query/condition.ts';
import { logRuleFileSchema, ruleFileSchema } from '../../src/rules/rule-schema.ts';
import { signals, aLogRule, aRecord } from '../support/log-rules.ts';

const page = await readFile(resolve(import.meta.dirname, '../../docs/log-rules.md'), 'utf8');

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

async function run(...words: readonly string[]): Promise<string> {
  let output = '';
  const program = new Command('portcullis');
  addRulesCommand(program, {
    write: (text) => (output += text),
    setExitCode: () => undefined,
    columns: 80,
  });
  await program.parseAsync(['rules', ...words], { from: 'user' });
  return output;
}

function section(heading: string): string {
  return page.slice(page.indexOf(`\n${heading}\n`) + 1).split(/\n#+ /)[0] ?? '';
}

/** The fields in the first column of the table below a heading. */
function fieldsBelow(heading: string): readonly string[] {
  return [...section(heading).matchAll(/^\| `(\w+)`/gm)].map(([, field = '']) => field);
}

const { log, cases, options } = logRuleFileSchema.shape;
const { queries, newValueOptions } = log.shape;

test('the rule passes its examples, and the command prints what the page shows', async () => {
  const shown = /```text\n([^]*?)```/.exec(page)?.[1];
  expect(await run('test', join(directory, 'my-rules'))).toBe(shown);
});

describe('the tables name the fields that there are', () => {
  test.each([
    ['### log', log.shape],
    ['### queries', queries.element.shape],
    ['### cases', cases.element.shape],
    ['### newValueOptions', newValueOptions.unwrap().shape],
  ])('%s', (heading, shape) => {
    expect(fieldsBelow(heading)).toEqual(Object.keys(shape));
  });

  test('## rule.yaml, beside those of every rule', () => {
    const common = new Set(Object.keys(ruleFileSchema.shape));
    for (const field of ['cases', 'options', 'groupBy']) common.delete(field);
    const own = Object.keys(logRuleFileSchema.shape).filter((field) => !common.has(field));
    expect(fieldsBelow('## rule.yaml')).toEqual(own);
    for (const option of Object.keys(options.unwrap().shape)) {
      expect(section('## rule.yaml')).toContain(`\`${option}\``);
    }
  });
});

test('every method, aggregation and operator is named', () => {
  for (const name of [...detectionMethods, ...aggregations]) expect(page).toContain(`\`${name}\``);
  expect(section('## Conditions')).toContain(
    `(${conditionOperators.map((operator) => `\`${operator}\``).join(', ')})`,
  );
});

test('every attribute of a signal is named that a template can show', () => {
  const named = [...section('## What a message can say').matchAll(/`@signal\.(\w+)`/g)].map(
    ([, name = '']) => name,
  );
  const title = named.map((name) => `${name}={{@signal.${name}}}`).join('; ');
  const rule = aLogRule({
    title,
    queries: [
      {
        ...aLogRule().queries[0]!,
        aggregation: 'new_value',
        metrics: ['@awsRegion'],
        groupByFields: ['@evt.name'],
      },
    ],
    cases: [{ name: 'New', severity: 'low', condition: null, notifications: [] }],
    options: { detectionMethod: 'new_value', newValue: { learningMethod: 'threshold' } },
  });
  const [signal] = signals(rule, [aRecord('08:00:00')], '12:00:00');
  expect(named.length).toBeGreaterThan(10);
  expect(signal?.title).not.toMatch(/=(?:;|$)/);
});
