// Free text: words and phrases of a message. Upper and lower case are the same, and so is whatever
// stands between words: `"access denied"` is found in `Access-Denied!`, `access` not in `accessed`.

import type { Pattern } from './ast.ts';
import { compileWildcard } from './wildcard.ts';

const word = /[\p{L}\p{N}\p{M}_]+/gu;
const gap = /[^\p{L}\p{N}\p{M}_]+/gu;

/** The words of a text in lower case, a blank before, between and after them; '' without words. */
export function wordsOf(text: string): string {
  const words = text.toLowerCase().match(word);
  return words === null ? '' : ` ${words.join(' ')} `;
}

/** A matcher of messages, given as they are and as `wordsOf` gives them. */
export function compileText(pattern: Pattern): (message: string, words: string) => boolean {
  const sought = soughtWords(pattern);
  if (sought === null) {
    // Nothing but punctuation: that is looked for as it is.
    const literal = pattern.filter((part) => typeof part === 'string').join('');
    const contains = compileWildcard([literal], { anywhere: true });
    return (message) => contains(message);
  }
  const matches = compileWildcard(sought, { anywhere: true, separator: ' ' });
  return (_message, words) => matches(words);
}

/** The pattern between blanks, as `wordsOf` would write it; null where it has no word. */
function soughtWords(pattern: Pattern): Pattern | null {
  const parts: Pattern[number][] = [' '];
  for (const part of pattern) {
    parts.push(typeof part === 'string' ? part.toLowerCase().replace(gap, ' ') : part);
  }
  parts.push(' ');
  // Join strings that have come to stand side by side, then their blanks.
  const joined: Pattern[number][] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string') {
      joined[joined.length - 1] = (last + part).replace(/ {2,}/g, ' ');
    } else {
      joined.push(part);
    }
  }
  return joined.length === 1 && joined[0] === ' ' ? null : joined;
}
