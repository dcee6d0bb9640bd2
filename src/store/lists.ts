// Lists that are read page by page, latest first: what is added meanwhile stands before the first page.

import type { Page, PageRequest } from '../model/desk.ts';
import { readCursor, writeCursor } from './cursor.ts';

/** The values of the order at a row; the last one is the number of the row, which makes it total. */
type PlaceOf<R> = (row: R) => readonly number[];

/** `select` gives at most `limit` rows after a place, in order; null is the beginning. */
export async function listPage<R, T>(
  kind: string,
  { limit, cursor }: PageRequest,
  width: number,
  select: (after: readonly number[] | null, limit: number) => Promise<readonly R[]>,
  placeOf: PlaceOf<R>,
  itemOf: (row: R) => T,
): Promise<Page<T>> {
  const after = readCursor(kind, cursor, width);
  const rows = await select(after, limit + 1);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.map(itemOf),
    next: last === undefined ? null : writeCursor(kind, placeOf(last)),
  };
}

/** For rows in the order in which they were added. */
export function latestFirst<R extends { readonly seq: number }, T>(
  kind: string,
  request: PageRequest,
  select: (before: number, limit: number) => Promise<readonly R[]>,
  itemOf: (row: R) => T,
): Promise<Page<T>> {
  return listPage(
    kind,
    request,
    1,
    (after, limit) => select(after?.[0] ?? Number.MAX_SAFE_INTEGER, limit),
    ({ seq }) => [seq],
    itemOf,
  );
}
