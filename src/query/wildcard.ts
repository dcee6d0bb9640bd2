// Matches a text against a pattern by running through the text once, with the set of all places of
// the pattern that could have been reached as the bits of machine words. No pattern and no text take
// more than (length of text) × (length of pattern / 32) steps: nothing is ever tried again.

import type { Pattern } from './ast.ts';

export type WildcardOptions = {
  /** Whether the pattern may match anywhere in the text instead of all of it. */
  readonly anywhere?: boolean;
  /** A character that `*` does not run over. */
  readonly separator?: string;
};

type Matcher = (text: string) => boolean;

/** Compares characters, not UTF-16 units, and tells upper from lower case. */
export function compileWildcard(pattern: Pattern, options: WildcardOptions = {}): Matcher {
  return nativeMatcher(pattern, options) ?? automaton(pattern, options);
}

/** JavaScript's own search takes more than linear time for some longer strings. */
const longestNative = 200;

/** For the usual patterns: one string, with a `*` before it, after it or on both sides. */
function nativeMatcher(pattern: Pattern, options: WildcardOptions): Matcher | null {
  const { anywhere = false, separator } = options;
  const shape = pattern
    .map((part) => (typeof part === 'string' ? 'text' : part.wildcard))
    .join(' ');
  const literal = pattern.find((part) => typeof part === 'string') ?? '';
  if (anywhere || separator !== undefined) {
    return anywhere && shape === 'text' && literal.length <= longestNative
      ? (text) => text.includes(literal)
      : null;
  }
  switch (shape) {
    case 'text *':
      return (text) => text.startsWith(literal);
    case '* text':
      return (text) => text.endsWith(literal);
    case '* text *':
      return literal.length <= longestNative ? (text) => text.includes(literal) : null;
    default:
      return null;
  }
}

/**
 * Place i of the pattern lies before its character i, the last place at its end. A character of the
 * text leads from place i to the next where the pattern has that character or `?`, and stays at
 * place i where the pattern has a `*`.
 */
function automaton(pattern: Pattern, { anywhere = false, separator }: WildcardOptions): Matcher {
  const characters = pattern.flatMap((part) =>
    typeof part === 'string' ? Array.from(part) : part.wildcard === '?' ? [null] : [],
  );
  const end = characters.length;
  const words = (end >>> 5) + 1;
  const setOf = (places: Iterable<number>): Uint32Array => {
    const set = new Uint32Array(words);
    for (const place of places) set[place >>> 5]! |= 1 << (place & 31);
    return set;
  };

  const stays = setOf(starPlaces(pattern));
  const none = setOf([]);
  const anyLeads = setOf(placesOf(characters, null));
  const leads = new Map<string, Uint32Array>();
  for (const character of new Set(characters)) {
    if (character === null) continue;
    leads.set(
      character,
      setOf([...placesOf(characters, character), ...placesOf(characters, null)]),
    );
  }
  const start = anywhere ? 1 : 0;
  const endWord = end >>> 5;
  const endBit = 1 << (end & 31);

  return (text) => {
    const reached = setOf([0]);
    if (anywhere && (reached[endWord]! & endBit) !== 0) return true;
    for (const character of text) {
      const lead = leads.get(character) ?? anyLeads;
      const stay = character === separator ? none : stays;
      let carry = start;
      for (let word = 0; word < words; word += 1) {
        const before = reached[word]!;
        const led = before & lead[word]!;
        reached[word] = (led << 1) | carry | (before & stay[word]!);
        carry = led >>> 31;
      }
      if (anywhere && (reached[endWord]! & endBit) !== 0) return true;
    }
    return (reached[endWord]! & endBit) !== 0;
  };
}

function placesOf(characters: readonly (string | null)[], sought: string | null): number[] {
  return characters.flatMap((character, place) => (character === sought ? [place] : []));
}

function starPlaces(pattern: Pattern): number[] {
  const places: number[] = [];
  let place = 0;
  for (const part of pattern) {
    if (typeof part === 'string') place += Array.from(part).length;
    else if (part.wildcard === '?') place += 1;
    else places.push(place);
  }
  return places;
}
