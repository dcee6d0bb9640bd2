// Every file of the project that is made from others and kept in the repository: pages of the
// documentation, and the built-in rules in the form in which a scan loads them fastest.

import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { commandsPage } from '../src/cli/commands-page.ts';
import { createProgram } from '../src/cli/run.ts';
import { configJsonSchema } from '../src/config/config-json-schema.ts';
import { errorsPage } from '../src/errors/errors-page.ts';
import { loadExamples } from '../src/rules/load-examples.ts';
import { builtInRulesDirectory, readRules } from '../src/rules/load-rules.ts';
import { prepareRules } from '../src/rules/prepare-rules.ts';
import { ruleIndexPage, rulePage } from '../src/rules/rule-page.ts';

export const projectRoot = resolve(import.meta.dirname, '..');

/** Paths relative to the project's root, with the text that each should hold. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  // Checked afresh: what was prepared earlier may come from an older schema.
  const { rules, errors } = await readRules([builtInRulesDirectory()], new Map());
  const [first] = errors;
  if (first !== undefined) throw first;
  const files = new Map([
    ['docs/commands.md', commandsPage(await createProgram([]))],
    ['docs/config.schema.json', JSON.stringify(configJsonSchema())],
    ['docs/errors.md', errorsPage()],
    ['docs/rules/README.md', ruleIndexPage(rules.map(({ rule }) => rule))],
    ['src/rules/prepared-rules.json', await prepareRules(rules.map(({ folder }) => folder))],
  ]);
  for (const { rule, folder } of rules) {
    const { examples } = await loadExamples(folder);
    files.set(`docs/rules/${rule.id}.md`, rulePage(rule, examples ?? []));
  }
  const formatted = new Map<string, string>();
  for (const [path, text] of files) {
    const filepath = resolve(projectRoot, path);
    const style = await resolveConfig(filepath);
    formatted.set(path, await format(text, { ...style, filepath }));
  }
  return formatted;
}
