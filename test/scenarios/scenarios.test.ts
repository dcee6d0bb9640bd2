// Runs every scenario of this folder; each file's scenarios are read from its YAML.

import { readdirSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { detect } from '../../src/pipeline.ts';
import { builtInRulesDirectory, loadRules } from '../../src/rules/load-rules.ts';
import { readScenarios, recordsOf, rulesOf, told } from './scenario.ts';

const builtIn = await loadRules([builtInRulesDirectory()]);
const files = readdirSync(new URL('.', import.meta.url))
  .filter((name) => name.endsWith('.yaml'))
  .toSorted();

describe.each(files)('%s', (file) => {
  const scenarios = readScenarios(new URL(file, import.meta.url));

  it.each(scenarios)('$it', (scenario) => {
    const result = detect(recordsOf(scenario), { rules: rulesOf(scenario, builtIn) });
    const { wanted, found } = told(scenario, result);
    const complaints =
      result.problems.length + (scenario.unreadable ? result.undetermined.length : 0);
    expect(found).toEqual(wanted);
    expect(complaints > 0).toBe(scenario.unreadable);
  });
});
