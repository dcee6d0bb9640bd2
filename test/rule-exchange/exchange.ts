// Rules sent through import and export, as the commands do, for the tests of this folder.

import { detect } from '../../src/pipeline.ts';
import type { ExchangeFormat, WrittenRule } from '../../src/rules/exchange/exchange.ts';
import { exportRule } from '../../src/rules/exchange/export-rule.ts';
import { importRules, type ImportedRule } from '../../src/rules/exchange/import-rules.ts';
import { parseRule } from '../../src/rules/parse-rule.ts';
import { isLogRuleFile } from '../../src/rules/rule-kind.ts';
import type { LogRuleFile } from '../../src/rules/rule-schema.ts';
import { toLogRule } from '../../src/rules/to-rule.ts';

export const today = '2026-11-24';

/** The rules of one text; examples are made with the real engine unless `detect` is given. */
export async function importText(
  text: string,
  format: ExchangeFormat,
  options: { readonly file?: string; readonly withExamples?: boolean } = {},
): Promise<readonly ImportedRule[]> {
  const { file = 'rules', withExamples = true } = options;
  const nothing = { signals: [], exposures: [], undetermined: [], problems: [], notRun: [] };
  return importRules([{ file, text }], {
    format,
    today,
    takenIds: new Set(),
    detect: withExamples ? detect : () => nothing,
  });
}

/** The rule.yaml of an imported rule, as loading it gives it. Fails when there is none. */
export function fileOf({ name, folder, losses }: ImportedRule): LogRuleFile {
  if (folder === null) throw new Error(`${name} was not imported: ${JSON.stringify(losses)}`);
  return readRule(folder.rule, folder.id);
}

export function readRule(text: string, id: string): LogRuleFile {
  const parsed = parseRule(text, `${id}/rule.yaml`, id);
  if (!parsed.ok) throw parsed.errors[0] ?? new Error('no error');
  if (!isLogRuleFile(parsed.data)) throw new Error(`${id} is no log rule`);
  return parsed.data;
}

export async function exportFile(
  file: LogRuleFile,
  format: ExchangeFormat,
  isApproximate = false,
): Promise<WrittenRule> {
  return exportRule(file, toLogRule(file), format, isApproximate);
}

/** The exported text. Fails when there is none. */
export async function exportedText(file: LogRuleFile, format: ExchangeFormat): Promise<string> {
  const { text, losses } = await exportFile(file, format);
  if (text === null) throw new Error(`not exported: ${JSON.stringify(losses)}`);
  return text;
}
