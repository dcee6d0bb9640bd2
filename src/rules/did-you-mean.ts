// Finds the word a person probably meant. Used for hints only: nothing is ever corrected silently.

/**
 * The candidate nearest to `word` in edits, ignoring case, or undefined when none is near.
 * Near means at most two edits, and at most a third of the word.
 */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = Math.min(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    // Longer words would need more edits than are allowed, so they need no comparison.
    if (Math.abs(candidate.length - word.length) >= fewest) continue;
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < fewest) {
      fewest = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

/** Insertions, removals, replacements and swaps of neighbors that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  const table = Array.from({ length: (a.length + 1) * width }, () => 0);
  const at = (row: number, column: number): number => table[row * width + column] ?? 0;
  for (let row = 0; row <= a.length; row += 1) table[row * width] = row;
  for (let column = 0; column <= b.length; column += 1) table[column] = column;
  for (let row = 1; row <= a.length; row += 1) {
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let edits = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        edits = Math.min(edits, at(row - 2, column - 2) + 1);
      }
      table[row * width + column] = edits;
    }
  }
  return at(a.length, b.length);
}
