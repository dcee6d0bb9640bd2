// Makes the prepared form of rules: see prepared-rules.ts. Run when the project is built, never by a
// command.

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseRule } from './parse-rule.ts';
import type { PreparedRule } from './prepared-rules.ts';

/**
 * JSON with the text of each rule.yaml and the fields it was checked to hold.
 *
 * @throws PortcullisError for a rule that is not valid
 */
export async function prepareRules(folders: readonly string[]): Promise<string> {
  const prepared: Record<string, PreparedRule> = {};
  for (const folder of folders) {
    const file = join(folder, 'rule.yaml');
    const text = await readFile(file, 'utf8');
    const parsed = parseRule(text, file, basename(folder));
    if (!parsed.ok) throw parsed.errors[0];
    prepared[parsed.data.id] = { text, data: parsed.data };
  }
  return JSON.stringify(prepared);
}
