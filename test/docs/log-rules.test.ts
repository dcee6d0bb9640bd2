// What docs/log-rules.md teaches is true: its tables name exactly the fields that there are, and so do
// its lists of methods, aggregations, operators and attributes.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aggregations, detectionMethods } from '../../src/model/rule.ts';
import { conditionOperators } from '../../src/query/condition.ts';
import { logRuleFileSchema, ruleFileSchema } from '../../src/rules/rule-schema.ts';
import { signals, aLogRule, aRecord } from '../support/log-rules.ts';

const page = await readFile(resolve(import.meta.dirname, '../../docs/log-rules.md'), 'utf8');

function section(heading: string): string {
  return page.slice(page.indexOf(`\n${heading}\n`) + 1).split(/\n#+ /)[0] ?? '';
}

/** The fields in the first column of the table below a heading. */
function fieldsBelow(heading: string): readonly string[] {
  return [...section(heading).matchAll(/^\| `(\w+)`/gm)].map(([, field = '']) => field);
}

const { log, cases, options } = logRuleFileSchema.shape;
const { queries, newValueOptions } = log.shape;

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
