// The text of a delivery for people: enough to see what it was, never more than a dead letter holds.

/** Longer bodies are cut, and say so. */
export const bodyLimitCharacters = 16_384;

export function boundedBody(text: string): string {
  if (text.length <= bodyLimitCharacters) return text;
  return `${text.slice(0, bodyLimitCharacters)}… (${text.length - bodyLimitCharacters} more characters)`;
}
