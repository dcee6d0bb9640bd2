// What commands that print a result have in common: the format, where it goes, the exit code, and the
// suppressions that narrow it.

import { createWriteStream } from 'node:fs';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Option, type Command } from 'commander';
import { PortcullisError } from '../errors/portcullis-error.ts';
import { severities, type Severity } from '../model/exposure.ts';
import type { Rule } from '../model/rule.ts';
import type { ScanResult } from '../model/scan-result.ts';
import type { Suppression } from '../model/suppression.ts';
import { isFormatName, loadRenderer, type FormatName } from '../render/formats.ts';
import { stripControls } from '../template/escape.ts';
import { collect, collectWhole } from './filter-arguments.ts';
import { isAtLeast, narrowResult } from './narrow-result.ts';

/** The least severity that is shown. */
export function severityOption(): Option {
  return new Option('--severity <severity>', 'show only signals of this severity or above').choices(
    severities,
  );
}

/** Adds the options that say what is looked for, what is hidden, and what makes the command fail. */
export function addFindingOptions(command: Command): Command {
  return command
    .option('--query <query>', 'only signals that match, as in @exposures.port:22')
    .option('--rules <dir>', 'also look for the rules in this folder; may be repeated', collect, [])
    .option('--enable-rule <id>', 'switch a rule on that is off; may be repeated', collect, [])
    .option(
      '--suppressions <file>',
      'hide what this file accepts; may be repeated',
      collectWhole,
      [],
    )
    .option('--show-suppressed', 'list what suppressions hide as well', false)
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 when there is such a signal').choices(
        severities,
      ),
    );
}

/** The one that is asked for, or that the file's name tells; else what suits where it goes. */
export function chooseFormat(
  { format, out }: { readonly format?: FormatName; readonly out?: string },
  stdout: { readonly isTTY?: boolean },
): FormatName {
  if (format !== undefined) return format;
  if (out === undefined) return stdout.isTTY === true ? 'table' : 'json';
  const ending = extname(out).slice(1).toLowerCase();
  if (ending === 'md') return 'markdown';
  if (ending === 'jsonl') return 'ndjson';
  return isFormatName(ending) ? ending : 'json';
}

export type PrintFlags = {
  readonly out?: string;
  readonly severity?: Severity;
  readonly onlyOpen: boolean;
  readonly showSuppressed: boolean;
  readonly failOn?: Severity;
  readonly strict: boolean;
  readonly quiet: boolean;
};

/**
 * Prints what of a result is to be shown, and says with what the command ends.
 *
 * @throws PortcullisError `output/not-writable`
 */
export async function printResult(
  result: ScanResult,
  flags: PrintFlags,
  {
    format,
    rules,
    now,
    version,
  }: {
    readonly format: FormatName;
    readonly rules: readonly Rule[];
    readonly now: Date;
    readonly version: string;
  },
): Promise<number> {
  const { out, severity = null, onlyOpen, showSuppressed, quiet } = flags;
  const shown = narrowResult(result, { least: severity, onlyOpen, listSuppressed: showSuppressed });
  const render = await loadRenderer(format);
  const chunks = render(shown, {
    rules: rules.filter((rule) => rule.enabled),
    columns: process.stdout.columns ?? 80,
    color: out === undefined && process.stdout.isTTY && process.stdout.hasColors(),
    now,
    version,
  });
  await writeResult(chunks, out);
  if (out !== undefined && !quiet) {
    const count = shown.signals.length;
    process.stderr.write(`wrote ${stripControls(out)} (${format}, ${count} signals)\n`);
  }
  return exitCode(result, flags);
}

/** Writes to the file, or to standard output where none is named. */
async function writeResult(chunks: Iterable<string>, out: string | undefined): Promise<void> {
  if (out === undefined) {
    await pipeline(Readable.from(chunks), process.stdout, { end: false });
    return;
  }
  try {
    await pipeline(Readable.from(chunks), createWriteStream(out));
  } catch (error) {
    throw new PortcullisError('output/not-writable', `${out} cannot be written`, {
      place: out,
      cause: error,
    });
  }
}

/** @param result before it was narrowed by severity */
function exitCode(
  result: ScanResult,
  { failOn, strict }: { readonly failOn?: Severity; readonly strict: boolean },
): number {
  if (strict && result.problems.length > 0) return 2;
  return failOn !== undefined && result.signals.some((signal) => isAtLeast(signal.severity, failOn))
    ? 1
    : 0;
}

/** Most commands have none, and do not load what reads them. */
export async function readSuppressions(
  {
    suppressions: files,
    quiet,
  }: { readonly suppressions: readonly string[]; readonly quiet: boolean },
  rules: Promise<readonly Rule[]>,
): Promise<readonly Suppression[]> {
  if (files.length === 0) return [];
  const { loadSuppressions, unknownRules } = await import('../rules/load-suppressions.ts');
  const suppressions = await loadSuppressions(files);
  const ids = (await rules).map(({ id }) => id);
  for (const remark of quiet ? [] : unknownRules(suppressions, ids)) {
    process.stderr.write(`note: ${stripControls(remark)}\n`);
  }
  return suppressions;
}
