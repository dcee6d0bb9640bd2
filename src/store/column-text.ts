// Texts of logs as values of columns that are looked up. What a database cannot hold or index - a
// NUL, half a surrogate pair, hundreds of characters - gets a digest, which is as good to compare by.

import { createHash } from 'node:crypto';

/** Characters; an index entry of PostgreSQL holds 2,700 bytes, of up to three columns here. */
const longestText = 400;
const digestMark = '\u0001';

/** Equal exactly for equal texts, and the text itself wherever that is possible. */
export function columnText(text: string): string {
  const isPlain =
    text.length <= longestText &&
    !text.includes('\0') &&
    !text.startsWith(digestMark) &&
    text.isWellFormed();
  if (isPlain) return text;
  // As JSON, since halves of surrogate pairs would be equal to each other in UTF-8.
  return `${digestMark}${createHash('sha256').update(JSON.stringify(text)).digest('hex')}`;
}

export function columnTextOrNull(text: string | null): string | null {
  return text === null ? null : columnText(text);
}
