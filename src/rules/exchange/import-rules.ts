// Rules of another tool as rule folders: read, put in our terms, checked as any rule is. What comes
// out loads, and no two rules end in the same folder.

import { PortcullisError } from '../../errors/portcullis-error.ts';
import { parseRule } from '../parse-rule.ts';
import { isLogRuleFile } from '../rule-kind.ts';
import type { Detect } from '../test-rules.ts';
import { toLogRule } from '../to-rule.ts';
import type { ExchangeFormat, ForeignRule, Loss } from './exchange.ts';
import { makeExamples } from './make-examples.ts';
import { printYaml } from './print-yaml.ts';

export type ImportedRule = {
  /** As its tool calls it. */
  readonly name: string;
  /** The file it came from, as errors show it. */
  readonly file: string;
  /** What to write; null for a rule that cannot be expressed. */
  readonly folder: RuleFolder | null;
  /** What has no equal here. */
  readonly losses: readonly Loss[];
};

export type RuleFolder = {
  /** The id of the rule and the name of its folder. */
  readonly id: string;
  /** The text of rule.yaml. */
  readonly rule: string;
  /** The text of examples.yaml; null when no example could be made. */
  readonly examples: string | null;
};

export type ImportOptions = {
  readonly format: ExchangeFormat;
  /** The day of the import, `YYYY-MM-DD`, for rules that do not tell when they changed. */
  readonly today: string;
  /** Ids of rules that are loaded beside those imported: the built-in ones. */
  readonly takenIds: ReadonlySet<string>;
  /** The engine, which runs the examples that are made before they are written. */
  readonly detect: Detect;
};

/**
 * The rules of the files, in their order. Nothing is written.
 *
 * @throws PortcullisError `rule/bad-import` for a file that is not in the format, `rule/duplicate-id`
 * where two rules have names that give the same id
 */
export async function importRules(
  files: readonly { readonly file: string; readonly text: string }[],
  options: ImportOptions,
): Promise<readonly ImportedRule[]> {
  const rules: ImportedRule[] = [];
  const sources = new Map<string, string>();
  for (const id of options.takenIds) sources.set(id, 'a built-in rule');
  for (const { file, text } of files) {
    for (const foreign of await readForeign(text, file, options)) {
      const imported = importRule(foreign, file, options);
      rules.push(imported);
      if (imported.folder === null) continue;
      const { id } = imported.folder;
      const source = `${JSON.stringify(imported.name)} of ${file}`;
      const other = sources.get(id);
      if (other !== undefined) throw sameId(id, source, other, file);
      sources.set(id, source);
    }
  }
  return rules;
}

function sameId(id: string, source: string, other: string, file: string): PortcullisError {
  return new PortcullisError('rule/duplicate-id', `${source} would get the id ${id}, as ${other}`, {
    place: file,
    hint: 'Rename one of the two, or leave it out.',
  });
}

/** Each reader is loaded for its own format alone. */
async function readForeign(
  text: string,
  file: string,
  { format, today }: ImportOptions,
): Promise<readonly ForeignRule[]> {
  switch (format) {
    case 'datadog-json':
      return (await import('./datadog-json-reader.ts')).readDatadogJson(text, file, today);
    case 'datadog-terraform':
      return (await import('./datadog-terraform-reader.ts')).readDatadogTerraform(
        text,
        file,
        today,
      );
    case 'sigma':
      return (await import('./sigma-reader.ts')).readSigma(text, file, today);
    default:
      return format satisfies never;
  }
}

function importRule(
  { name, draft, losses }: ForeignRule,
  file: string,
  { detect }: ImportOptions,
): ImportedRule {
  if (draft === null) return { name, file, folder: null, losses };
  const rule = printYaml(draft);
  const parsed = parseRule(rule, `${draft.id}/rule.yaml`, draft.id);
  if (!parsed.ok) {
    const wrong = parsed.errors.map(({ message }) => ({ field: 'rule.yaml', reason: message }));
    return { name, file, folder: null, losses: [...losses, ...wrong] };
  }
  const examples = isLogRuleFile(parsed.data) ? makeExamples(toLogRule(parsed.data), detect) : null;
  return { name, file, folder: { id: draft.id, rule, examples }, losses };
}
