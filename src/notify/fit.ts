// Cuts text to the room that a receiver has. Text is cut between characters, before it is escaped, so
// that neither a character nor an escape is ever cut in two.

const ellipsis = '…';

/** Stops at once where the text fits, and finds the longest cut that fits otherwise. */
export function fit(
  text: string,
  max: number,
  escape: (text: string) => string = String,
  lengthOf: (escaped: string) => number = (escaped) => escaped.length,
): string {
  // What is far too long anyway need not be escaped whole.
  const head =
    text.length > max * 2 ? text.slice(0, max * 2).replace(/[\ud800-\udbff]$/, '') : text;
  const whole = escape(head);
  if (head === text && lengthOf(whole) <= max) return whole;
  const characters = Array.from(head.toWellFormed());
  let fits = 0;
  let tooLong = characters.length + 1;
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (lengthOf(escape(cut(characters, middle))) <= max) fits = middle;
    else tooLong = middle;
  }
  return escape(cut(characters, fits));
}

function cut(characters: readonly string[], count: number): string {
  return `${characters.slice(0, count).join('').trimEnd()}${ellipsis}`;
}

/** Length in bytes of UTF-8. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

/** Lines while there is room, and then how many more there are. Lines are escaped already. */
export function fitLines(lines: readonly string[], max: number): string {
  const whole = lines.join('\n');
  if (whole.length <= max) return whole;
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    const more = `and ${lines.length - kept.length} more`;
    if (length + line.length + 1 + more.length > max) break;
    kept.push(line);
    length += line.length + 1;
  }
  return [...kept, `and ${lines.length - kept.length} more`].join('\n');
}
