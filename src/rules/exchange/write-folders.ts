// Imported rules as folders on disk: all of them or none. What is there is replaced only when that is
// asked for.

import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import { shownPath } from '../load-rules.ts';
import type { RuleFolder } from './import-rules.ts';

/**
 * Writes `rule.yaml` and `examples.yaml` into a folder per rule.
 *
 * @throws PortcullisError `rule/already-there` for the first folder that exists, unless `replace`;
 * `output/not-writable`
 */
export async function writeFolders(
  folders: readonly RuleFolder[],
  directory: string,
  replace: boolean,
): Promise<void> {
  for (const { id } of folders) {
    const folder = join(directory, id);
    if (!replace && (await exists(folder))) {
      throw new PortcullisError('rule/already-there', `there is a folder ${id} already`, {
        place: shownPath(folder),
      });
    }
  }
  for (const { id, rule, examples } of folders) {
    const folder = join(directory, id);
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'rule.yaml'), rule);
      if (examples !== null) await writeFile(join(folder, 'examples.yaml'), examples);
    } catch (error) {
      throw new PortcullisError('output/not-writable', 'a rule could not be written', {
        place: shownPath(folder),
        cause: error,
      });
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
