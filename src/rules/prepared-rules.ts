// The built-in rules, checked when Portcullis was built, so that a scan starts without the YAML and
// schema libraries (about 100 ms). A prepared rule counts only while the text of its rule.yaml is,
// to the letter, the one it was made from: an edited rule is read and checked like any other.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuleFile } from './rule-schema.ts';

export type PreparedRule = { readonly text: string; readonly data: RuleFile };

export type Prepared = ReadonlyMap<string, PreparedRule>;

/** Beside the compiled code; there is none when Portcullis runs from its sources. */
export const preparedRulesFile = join(import.meta.dirname, 'prepared-rules.json');

export async function readPrepared(file = preparedRulesFile): Promise<Prepared> {
  let json: string;
  try {
    json = await readFile(file, 'utf8');
  } catch {
    return new Map();
  }
  // Kept beside this code, made of checked rules, and compared with them by a test.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return new Map(Object.entries(JSON.parse(json) as Readonly<Record<string, PreparedRule>>));
}
