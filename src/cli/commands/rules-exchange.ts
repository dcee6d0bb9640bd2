// `portcullis rules import` and `rules export`: rules of other tools in, ours out. What has no equal
// on the other side is named rule by rule on standard error, and the exit code says that there is.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Option, type Command } from 'commander';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import { safeJson } from '../../render/machine-json.ts';
import { exchangeFormats, type ExchangeFormat, type Loss } from '../../rules/exchange/exchange.ts';
import type { ImportedRule } from '../../rules/exchange/import-rules.ts';
import { findRule } from '../../rules/find-rule.ts';
import { builtInRulesDirectory, loadRules, readRules, readText } from '../../rules/load-rules.ts';
import { stripControls } from '../../template/escape.ts';

export type ExchangeIo = {
  /** Takes what goes to standard output. */
  readonly write: (text: string) => void;
  /** Takes what goes to standard error. */
  readonly writeError: (text: string) => void;
  /** 1: not all could be expressed; 2: nothing could. */
  readonly setExitCode: (code: 1 | 2) => void;
};

type ImportOptions = {
  readonly from: ExchangeFormat;
  readonly out: string;
  readonly force?: boolean;
  readonly format: string;
};

type ExportOptions = {
  readonly to: ExchangeFormat;
  readonly out?: string;
  readonly rules: readonly string[];
  readonly approximate?: boolean;
  readonly format: string;
};

const exitCodes =
  '\n\nExit code: 0 when all is expressed; 1 when a field or a rule is not, each of which is named;' +
  '\n2 when nothing could be.';

/** Adds `import` and `export` to the command `rules`. */
export function addRulesExchange(rules: Command, io: ExchangeIo): void {
  rules
    .command('import')
    .summary('take over rules from Datadog, Terraform or Sigma')
    .description(
      'Takes over detection rules of other tools: writes a folder for each, with a rule.yaml that\n' +
        'is valid and with examples that hold, and names what has no equal here.',
    )
    .argument('<file...>', 'files to read; - reads standard input')
    .addOption(exchangeOption('--from <tool>', 'what the files hold'))
    .requiredOption('-o, --out <dir>', 'folder to write the rules to')
    .option('--force', 'replace rules that are there')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `\nExamples:
  $ portcullis rules import rules.json --from datadog-json --out ./my-rules
  $ portcullis rules import siem/*.tf --from datadog-terraform --out ./my-rules --force
  $ portcullis rules import aws_*.yml --from sigma --out ./my-rules --format json` + exitCodes,
    )
    .action(async (files: readonly string[], options: ImportOptions) => {
      const imported = await importAll(files, options);
      const left = imported.filter(({ folder }) => folder === null).length;
      if (left === imported.length) io.setExitCode(2);
      else if (imported.some(({ losses }) => losses.length > 0)) io.setExitCode(1);
      if (options.format === 'json') {
        io.write(json({ format: options.from, rules: imported.map(importFields) }));
        return;
      }
      io.writeError(imported.map(importLosses).join(''));
      io.write(importSummary(imported, options.out));
    });

  rules
    .command('export')
    .summary('write a rule for Datadog, Terraform or Sigma')
    .description(
      'Writes a rule for another tool, and names what cannot be said there. A rule that would\n' +
        'detect something else there is written only with --approximate.',
    )
    .argument('<id>', 'id of the rule, as `rules list` shows it')
    .addOption(exchangeOption('--to <tool>', 'what to write'))
    .option('-o, --out <file>', 'write to this file instead of standard output')
    .option('--rules <dir>', 'look in this folder as well; may be repeated', collect, [])
    .option('--approximate', 'write the nearest rule where there is none that is the same')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `\nExamples:
  $ portcullis rules export my-rule --to datadog-terraform --rules ./my-rules --out my-rule.tf
  $ portcullis rules export datadog-sg-admin-port-parity --to datadog-json
  $ portcullis rules export aws-sg-admin-port-open-to-world --to sigma --approximate` + exitCodes,
    )
    .action(async (id: string, options: ExportOptions) => {
      const { text, losses } = await exportOne(id, options);
      if (text === null) io.setExitCode(2);
      else if (losses.length > 0) io.setExitCode(1);
      if (text !== null && options.out !== undefined) await save(options.out, text);
      const shown = options.out === undefined ? text : null;
      if (options.format === 'json') {
        io.write(json({ format: options.to, id, exported: text !== null, losses, text: shown }));
        return;
      }
      io.writeError(exportLosses(id, options, text !== null, losses));
      if (shown !== null) io.write(shown);
    });
}

function exchangeOption(flags: string, description: string): Option {
  return new Option(flags, description).choices(exchangeFormats).makeOptionMandatory();
}

function formatOption(): Option {
  return new Option('--format <format>', 'how to report')
    .choices(['table', 'json'])
    .default('table');
}

function collect(value: string, known: readonly string[]): readonly string[] {
  return [...known, value];
}

async function importAll(
  paths: readonly string[],
  { from, out, force = false }: ImportOptions,
): Promise<readonly ImportedRule[]> {
  const [{ importRules }, { writeFolders }, { detect }] = await Promise.all([
    import('../../rules/exchange/import-rules.ts'),
    import('../../rules/exchange/write-folders.ts'),
    import('../../pipeline.ts'),
  ]);
  const files: { readonly file: string; readonly text: string }[] = [];
  for (const path of paths) files.push(await readForeign(path));
  const builtIn = await loadRules([builtInRulesDirectory()]);
  const imported = await importRules(files, {
    format: from,
    today: new Date().toISOString().slice(0, 10),
    takenIds: new Set(builtIn.map(({ id }) => id)),
    detect,
  });
  await writeFolders(
    imported.flatMap(({ folder }) => folder ?? []),
    out,
    force,
  );
  return imported;
}

async function readForeign(
  path: string,
): Promise<{ readonly file: string; readonly text: string }> {
  if (path === '-') {
    const file = 'standard input';
    return { file, text: decoded(await buffer(process.stdin), file) };
  }
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new PortcullisError('rule/bad-import', 'the file cannot be read', {
      place: path,
      cause: error,
    });
  }
  return { file: path, text: decoded(bytes, path) };
}

function decoded(bytes: Uint8Array, place: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new PortcullisError('rule/bad-import', 'the file is not UTF-8', { place, cause: error });
  }
}

async function exportOne(
  id: string,
  { to, rules, approximate = false }: ExportOptions,
): Promise<{ readonly text: string | null; readonly losses: readonly Loss[] }> {
  const { rules: loaded, errors } = await readRules([builtInRulesDirectory(), ...rules]);
  const [error] = errors;
  if (error !== undefined) throw error;
  const rule = findRule(
    loaded.map((one) => one.rule),
    id,
  );
  const folder = loaded.find((one) => one.rule === rule)?.folder ?? '';
  const [{ parseRule }, { exportRule }] = await Promise.all([
    import('../../rules/parse-rule.ts'),
    import('../../rules/exchange/export-rule.ts'),
  ]);
  const file = join(folder, 'rule.yaml');
  const parsed = parseRule(await readText(file), file, rule.id);
  // It has just been loaded: it fails only if someone has changed it since.
  if (!parsed.ok) throw parsed.errors[0]!;
  return exportRule(parsed.data, rule, to, approximate);
}

async function save(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new PortcullisError('output/not-writable', 'the file cannot be written', {
      place: path,
      cause: error,
    });
  }
}

function importLosses({ name, file, folder, losses }: ImportedRule): string {
  if (losses.length === 0) return '';
  const outcome = folder === null ? 'not imported' : 'imported, but not all of it';
  return `${lines([`${name || 'a rule'} (${file}): ${outcome}`, ...losses.map(lossLine)])}\n`;
}

function importSummary(imported: readonly ImportedRule[], directory: string): string {
  const folders = imported.flatMap(({ folder }) => folder ?? []);
  const rows = folders.map(({ id, examples }) =>
    examples === null ? `${id} (without examples)` : id,
  );
  const left = imported.length - folders.length;
  const counted = `${folders.length === 1 ? '1 rule' : `${folders.length} rules`} imported to ${directory}`;
  return lines([...rows, left === 0 ? counted : `${counted}, ${left} not imported`]);
}

function exportLosses(
  id: string,
  { to, approximate = false }: ExportOptions,
  isExported: boolean,
  losses: readonly Loss[],
): string {
  if (losses.length === 0) return '';
  const outcome = isExported
    ? `${id}: not all of it can be said in ${to}`
    : `${id}: there is no rule in ${to} that is the same`;
  const hint =
    isExported || approximate ? [] : ['Add --approximate to write the nearest rule there is.'];
  return lines([outcome, ...losses.map(lossLine), ...hint]);
}

function lossLine({ field, reason }: Loss): string {
  return field === '' ? `  ${reason}` : `  ${field}: ${reason}`;
}

/** Names and reasons come from files that anyone may write. */
function lines(texts: readonly string[]): string {
  return texts
    .flatMap((text) => text.split('\n'))
    .map((text) => `${stripControls(text)}\n`)
    .join('');
}

function importFields({ name, file, folder, losses }: ImportedRule): object {
  return {
    name,
    file,
    id: folder?.id ?? null,
    imported: folder !== null,
    examples: folder !== null && folder.examples !== null,
    losses,
  };
}

function json(value: object): string {
  return `${safeJson({ schemaVersion: 1, ...value }, 2)}\n`;
}
