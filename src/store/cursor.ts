// Where a list goes on, as a text that nobody needs to look into: the kind of list, and the values of
// its order at the last item handed out. So what is added meanwhile moves nothing.

import { PortcullisError } from '../errors/portcullis-error.ts';

export function writeCursor(kind: string, values: readonly number[]): string {
  return Buffer.from(JSON.stringify([kind, ...values])).toString('base64url');
}

/**
 * The values, as many as are wanted; null for no cursor.
 * @throws PortcullisError `store/bad-cursor` where it is not one of this kind
 */
export function readCursor(
  kind: string,
  cursor: string | null,
  count: number,
): readonly number[] | null {
  if (cursor === null) return null;
  const [found, ...values] = parseList(Buffer.from(cursor, 'base64url').toString());
  const numbers = values.filter(
    (value) => typeof value === 'number' && Number.isSafeInteger(value),
  );
  if (found === kind && values.length === count && numbers.length === count) {
    return numbers.map(Number);
  }
  throw new PortcullisError('store/bad-cursor', 'the cursor belongs to another list');
}

function parseList(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
