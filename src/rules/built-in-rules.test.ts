import { expect, it } from 'vitest';

import { builtInRules } from './built-in-rules.ts';
import { builtInRulesDirectory, loadRules } from './load-rules.ts';

it('the built-in rules in a bundle are those in the folder', async () => {
  expect(builtInRules()).toEqual(await loadRules([builtInRulesDirectory()]));
});
