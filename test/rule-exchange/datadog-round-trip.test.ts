// Import and then export is the identity on Datadog's rules, as JSON and by way of Terraform.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { datadogRule } from './arbitrary-datadog-rule.ts';
import { exportFile, exportedText, fileOf, importText } from './exchange.ts';

test('a rule comes back from JSON as it was', async () => {
  await fc.assert(
    fc.asyncProperty(datadogRule, async (rule) => {
      const text = JSON.stringify(rule);
      const [imported] = await importText(text, 'datadog-json', { withExamples: false });
      const { text: exported, losses } = await exportFile(fileOf(imported!), 'datadog-json');
      expect(losses).toEqual([]);
      expect(JSON.parse(exported ?? '')).toEqual(rule);
    }),
    { numRuns: 300 },
  );
});

test('rules come back from Terraform as they were', async () => {
  await fc.assert(
    // Many in one file: the parser takes longer to start than to read them.
    fc.asyncProperty(fc.array(datadogRule, { minLength: 30, maxLength: 30 }), async (rules) => {
      const named = rules.map((rule, index) => ({
        ...rule,
        name: `n${String(index).padStart(2, '0')} ${rule.name}`,
        version: 1,
      }));
      const blocks = await Promise.all(
        named.map(async (rule) => {
          const text = JSON.stringify(rule);
          const [imported] = await importText(text, 'datadog-json', { withExamples: false });
          return exportedText(fileOf(imported!), 'datadog-terraform');
        }),
      );
      const again = await importText(blocks.join('\n'), 'datadog-terraform', {
        file: 'main.tf',
        withExamples: false,
      });
      const exported = await Promise.all(
        again.map(async (one) => exportedText(fileOf(one), 'datadog-json')),
      );
      expect(exported.map((text): unknown => JSON.parse(text))).toEqual(named);
    }),
    { numRuns: 4, endOnFailure: true },
  );
}, 120_000);
