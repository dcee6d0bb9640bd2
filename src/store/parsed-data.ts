// Reads columns that hold a thing itself, as JSON.

import type { Row } from './connection.ts';

/** The store alone writes these columns. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- only the caller knows
export function parse<T>(data: Row[string] | undefined): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was a T when it was written
  return JSON.parse(String(data)) as T;
}
