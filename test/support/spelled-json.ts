// The slow, obvious reader that the fast one is held against, and a writer that spells JSON in every
// way JSON allows. For tests only.

/** The units of a text in one of the layouts, by parsing all of it. */
export function readSlowly(documents: readonly string[]): readonly unknown[] {
  return documents.flatMap((document) => {
    const value: unknown = JSON.parse(document);
    if (Array.isArray(value)) return value as unknown[];
    for (const key of ['Records', 'records', 'Events', 'logEvents', 'Messages']) {
      if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) {
        const list = (value as Record<string, unknown>)[key];
        if (Array.isArray(list)) return list as unknown[];
      }
    }
    return [value];
  });
}

/** A small, fast, seeded generator (mulberry32): a test's choices follow from one number. */
export function choices(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** JSON text of a value, with blanks, escapes and escaped letters strewn in by `choose`. */
export function spell(value: unknown, choose: (below: number) => number): string {
  const blank = (): string => (choose(4) === 0 ? [' ', '\n', '\t', '  \r\n '][choose(4)]! : '');
  const text = (content: string): string => {
    let spelled = '"';
    for (const letter of content) {
      // A letter beyond U+FFFF is two units, and both halves are escaped or none.
      const units = letter
        .split('')
        .map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
      const escaped = units
        .map((hex) => `\\u${choose(2) === 0 ? hex : hex.toUpperCase()}`)
        .join('');
      if (choose(40) === 0) spelled += escaped;
      else if (letter === '"' || letter === '\\') spelled += `\\${letter}`;
      else if (letter < ' ') spelled += escaped;
      else if (letter === '/' && choose(2) === 0) spelled += '\\/';
      else spelled += letter;
    }
    return `${spelled}"`;
  };
  const write = (item: unknown): string => {
    if (typeof item === 'string') return text(item);
    if (Array.isArray(item)) {
      return `[${blank()}${item.map((part) => write(part) + blank()).join(`,${blank()}`)}]`;
    }
    if (typeof item === 'object' && item !== null) {
      const members = Object.entries(item).map(
        ([key, part]) => `${text(key)}${blank()}:${blank()}${write(part)}${blank()}`,
      );
      return `{${blank()}${members.join(`,${blank()}`)}}`;
    }
    return JSON.stringify(item);
  };
  return write(value);
}
