import { expect, test } from 'vitest';
import { PortcullisError } from '../errors/portcullis-error.ts';
import { builtInRulesDirectory, loadRules } from './load-rules.ts';
import { enableRules, findRule } from './find-rule.ts';

const rules = await loadRules([builtInRulesDirectory()]);
const [first, second] = rules.map((rule) => ({ ...rule, enabled: false }));

function hintFor(id: string): string | undefined {
  try {
    findRule(rules, id);
  } catch (error) {
    if (error instanceof PortcullisError && error.code === 'rule/unknown-id') return error.hint;
  }
  return undefined;
}

test('a rule is found by its id', () => {
  expect(findRule(rules, 'aws-sg-open-to-world').id).toBe('aws-sg-open-to-world');
});

test('an id that no rule has is an error that names the one that was probably meant', () => {
  expect(hintFor('aws-sg-open-to-wrld')).toBe('Did you mean aws-sg-open-to-world?');
  expect(hintFor('database')).toBe('Did you mean aws-sg-database-port-open-to-world?');
  expect(hintFor('')).toMatch(/portcullis rules list/);
  expect(hintFor('zzz')).toMatch(/portcullis rules list/);
});

test('rules are switched on by id, the others stay as they are', () => {
  const given = [first!, second!];
  expect(enableRules(given, [second!.id]).map(({ enabled }) => enabled)).toEqual([false, true]);
  expect(enableRules(given, [])).toEqual(given);
  expect(() => enableRules(given, ['nowhere'])).toThrow('there is no rule "nowhere"');
});
