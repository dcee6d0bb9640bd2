// The id of a rule that comes with a name alone. The same name gives the same id, on every machine.

/** Longest id, in characters: a folder name and a line of a table. */
const longest = 100;

/** Lower-case words joined by hyphens; null when the name has no letter or digit of ASCII. */
export function ruleIdOf(name: string): string | null {
  const words = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  let id = '';
  for (const word of words) {
    const longer = id === '' ? word.slice(0, longest) : `${id}-${word}`;
    if (longer.length > longest) break;
    id = longer;
  }
  return id === '' ? null : id;
}
