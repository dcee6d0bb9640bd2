import { expect, test } from 'vitest';
import { apiName, terraformName, terraformPath } from './terraform-names.ts';

test.each([
  ['query', true, 'queries'],
  ['query', false, 'query'],
  ['case', true, 'cases'],
  ['filter', true, 'filters'],
  ['enabled', false, 'isEnabled'],
  ['group_by_fields', false, 'groupByFields'],
  ['new_value_options', true, 'newValueOptions'],
  ['constructor', true, 'constructor'],
])('%s (a block: %s) is %s', (name, isBlock, api) => {
  expect(apiName(name, isBlock)).toBe(api);
});

test('and back', () => {
  expect(['queries', 'isEnabled', 'groupByFields', 'query'].map(terraformName)).toEqual([
    'query',
    'enabled',
    'group_by_fields',
    'query',
  ]);
});

test('a path is told as Terraform has it', () => {
  expect(terraformPath('queries[0].groupByFields[1]')).toBe('query[0].group_by_fields[1]');
  expect(terraformPath('options.newValueOptions.forgetAfter')).toBe(
    'options.new_value_options.forget_after',
  );
});
