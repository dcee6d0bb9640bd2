// Five of Datadog's own rules, as its API gives them: they import, run, and export back to what they
// were in every field that means something here, by way of Terraform too.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { detect } from '../../src/pipeline.ts';
import { planLogRules } from '../../src/detect/log-rules/plan-log-rules.ts';
import { parseExamples } from '../../src/rules/parse-examples.ts';
import { testRule } from '../../src/rules/test-rules.ts';
import { toLogRule } from '../../src/rules/to-rule.ts';
import { isObject, type JsonObject } from '../../src/model/json.ts';
import { exportedText, fileOf, importText } from './exchange.ts';

const corpus = resolve(import.meta.dirname, '../../../shared/corpus/datadog-rules');
const isThere = existsSync(corpus);
const texts = isThere
  ? readdirSync(corpus).map((name) => ({ name, text: readFileSync(join(corpus, name), 'utf8') }))
  : [];

/** What Datadog keeps about a rule, and the one thing it does with a rule that is not done here. */
const notUnderstood = new Set([
  'id',
  'createdAt',
  'updatedAt',
  'creator',
  'updater',
  'defaultRuleId',
  'defaultTags',
  'isDefault',
  'isPartner',
  'isBeta',
  'isDeleted',
  'isDeprecated',
  'blocking',
  'metadata',
  'decreaseCriticalityBasedOnEnv',
  'instantaneousBaselineTimeoutMinutes',
]);

function understood(value: unknown, without: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((element) => understood(element, without));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !notUnderstood.has(key) && !without.includes(key))
      .map(([key, inner]) => [key, understood(inner, without)]),
  );
}

function parsed(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new Error('not an object');
  return value;
}

test.skipIf(!isThere)(`there are rules in ${corpus}`, () => {
  expect(texts).toHaveLength(5);
});

describe.each(texts)('$name', ({ text }) => {
  test('exports back to equal JSON', async () => {
    const [imported] = await importText(text, 'datadog-json');
    const exported = await exportedText(fileOf(imported!), 'datadog-json');
    expect(parsed(exported)).toEqual(understood(parsed(text)));
  });

  test('names what is left out, and nothing else', async () => {
    const [imported] = await importText(text, 'datadog-json');
    const lowers = text.includes('"decreaseCriticalityBasedOnEnv": true');
    expect(imported?.losses.map(({ field }) => field)).toEqual(
      lowers ? ['options.decreaseCriticalityBasedOnEnv'] : [],
    );
  });

  test('comes back from Terraform the same, but for what Terraform numbers and names itself', async () => {
    const [imported] = await importText(text, 'datadog-json');
    const terraform = await exportedText(fileOf(imported!), 'datadog-terraform');
    const [again] = await importText(terraform, 'datadog-terraform', { file: 'main.tf' });
    expect(again?.losses).toEqual([]);
    const exported = parsed(await exportedText(fileOf(again!), 'datadog-json'));
    // A query for new values has no name in Terraform; here nothing refers to it.
    const own = text.includes('"aggregation": "new_value"') ? ['version', 'name'] : ['version'];
    expect(understood(exported, own)).toEqual(understood(parsed(text), own));
    expect(exported['name']).toBe(parsed(text)['name']);
  });

  test('is run, and its examples hold', async () => {
    const [imported] = await importText(text, 'datadog-json');
    const rule = toLogRule(fileOf(imported!));
    expect(planLogRules([rule])).toMatchObject({ notRun: [], runnable: [{ rule }] });
    const examples = parseExamples(imported?.folder?.examples ?? '', 'examples.yaml');
    if (!examples.ok) throw examples.errors[0]!;
    expect(examples.examples.map(({ expected }) => expected.signals.length)).toEqual([1, 0]);
    for (const { differences } of testRule(rule, examples.examples, detect, () => 0).results) {
      expect(differences).toEqual([]);
    }
  });

  test('keeps goal and strategy for the rule’s page', async () => {
    const [imported] = await importText(text, 'datadog-json');
    const { goal, strategy, references } = fileOf(imported!);
    expect(goal).toMatch(/^Detect/);
    expect(strategy).toMatch(/^(?:This rule|Monitor)/);
    expect(`${goal}${strategy}`).not.toMatch(/\]\[\d\]/);
    expect(references).toHaveLength(new Set(text.match(/(?<=\[\d\]: )https:[^\\"]+/g)).size);
  });
});
