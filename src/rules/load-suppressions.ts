// Reads files of suppressions. They apply in full or not at all: one that does not load stops the
// command, for what it was meant to hide would be told and what it hides by mistake would not.

import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Suppression } from '../model/suppression.ts';
import { didYouMean } from './did-you-mean.ts';
import { readText, shownPath } from './load-rules.ts';
import { parseSuppressions } from './parse-suppressions.ts';

/**
 * The suppressions of all files, in their order.
 *
 * @throws PortcullisError `suppression/not-readable` or `suppression/bad-file`
 */
export async function loadSuppressions(files: readonly string[]): Promise<readonly Suppression[]> {
  const readings = await Promise.all(files.map(async (path) => ({ path, all: await load(path) })));
  const byId = new Map<string, { readonly path: string; readonly suppression: Suppression }>();
  for (const { path, all } of readings) {
    for (const suppression of all) {
      const known = byId.get(suppression.id);
      // One file given twice, or one line copied into two, says nothing new.
      if (known !== undefined && !isSame(known.suppression, suppression)) {
        throw new PortcullisError(
          'suppression/bad-file',
          `the id ${suppression.id} is taken by a suppression in ${shownPath(known.path)}`,
          { place: shownPath(path), hint: 'Give each suppression an id of its own.' },
        );
      }
      byId.set(suppression.id, { path, suppression });
    }
  }
  return [...byId.values()].map(({ suppression }) => suppression);
}

async function load(path: string): Promise<readonly Suppression[]> {
  let text: string;
  try {
    text = await readText(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const reason =
      code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code}), or is not UTF-8`;
    throw new PortcullisError('suppression/not-readable', reason, {
      place: shownPath(path),
      cause: error,
    });
  }
  return parseSuppressions(text, shownPath(path));
}

function isSame(a: Suppression, b: Suppression): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A remark for each suppression that names a rule that is not there, and so hides nothing. */
export function unknownRules(
  suppressions: readonly Suppression[],
  ruleIds: readonly string[],
): readonly string[] {
  return suppressions.flatMap(({ id, ruleId }) => {
    if (ruleId === null || ruleIds.includes(ruleId)) return [];
    const meant = didYouMean(ruleId, ruleIds);
    const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
    return [`The suppression ${id} names the rule ${ruleId}, which is not loaded.${hint}`];
  });
}
