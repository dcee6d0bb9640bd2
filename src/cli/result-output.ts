// What commands that print a result have in common: the format, where it goes, the exit code, and the
// suppressions that narrow it.

import { createWriteStream } from 'node:fs';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Severity } from '../model/exposure.ts';
import type { Rule } from '../model/rule.ts';
import type { ScanResult } from '../model/scan-result.ts';
import type { Suppression } from '../model/suppression.ts';
import { isFormatName, type FormatName } from '../render/formats.ts';
import { stripControls } from '../template/escape.ts';
import { isAtLeast } from './narrow-result.ts';

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

/**
 * Writes to the file, or to standard output where none is named.
 *
 * @throws PortcullisError `output/not-writable`
 */
export async function writeResult(
  chunks: Iterable<string>,
  out: string | undefined,
): Promise<void> {
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
export function exitCode(
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
