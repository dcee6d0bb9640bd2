import { expect, test } from 'vitest';
import { didYouMean } from './did-you-mean.ts';

const fields = ['severity', 'strategy', 'title', 'triage', 'tags', 'id'];

test.each([
  ['sevrity', 'severity'],
  ['Severity', 'severity'],
  ['tilte', 'title'],
  ['triages', 'triage'],
  ['stratgeyy', 'strategy'],
])('%s is taken for %s', (word, meant) => {
  expect(didYouMean(word, fields)).toBe(meant);
});

test.each(['importance', 'xx', '', 'tagline'])('%o is near to nothing', (word) => {
  expect(didYouMean(word, fields)).toBeUndefined();
});

test('of two near words the nearer one is taken', () => {
  expect(didYouMean('form', ['fork', 'from'])).toBe('fork');
  expect(didYouMean('fromPrt', ['fromPorts', 'fromPort'])).toBe('fromPort');
});
