// Makes every character of a log visible on a page. Control characters, zero-width characters and
// those that turn the direction of writing are shown by their code points, so that a name cannot
// pose as another.

const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u034F\u115F\u1160\u3164\uFFA0]/gu;

function codePointText(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  return `⟦U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}⟧`;
}

/** One line of text: line breaks and tabs are shown as well. */
export function visibleText(text: string): string {
  return text.replaceAll(hidden, codePointText);
}

/** Text of several lines: line feeds and tabs stay what they are. */
export function visibleLines(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(hidden, (character) =>
      character === '\n' || character === '\t' ? character : codePointText(character),
    );
}
