// Ids that are the same for the same input in every run, on every machine.

import { createHash } from 'node:crypto';

/** A prefix and 20 hexadecimal digits (80 bits) of the SHA-256 of the parts. */
export function stableId(prefix: string, parts: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${prefix}-${hash.slice(0, 20)}`;
}
