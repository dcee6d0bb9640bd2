// From what the drivers throw to faults with a next step. No message holds a password: addresses are
// told without one, and drivers do not repeat it.

import type { FaultCode } from '../errors/catalogue.ts';
import { PortcullisError } from '../errors/portcullis-error.ts';

/** By SQLite's primary result code: https://sqlite.org/rescode.html */
const sqliteCodes: Readonly<Record<number, FaultCode>> = {
  3: 'store/cannot-open',
  5: 'store/locked',
  6: 'store/locked',
  8: 'store/cannot-open',
  11: 'store/damaged',
  13: 'store/full',
  14: 'store/cannot-open',
  23: 'store/cannot-open',
  26: 'store/damaged',
};
const ioErrorCode = 10;

const summaries: Partial<Record<FaultCode, string>> = {
  'store/cannot-open': 'the store cannot be opened',
  'store/locked': 'another process keeps the store busy',
  'store/damaged': 'the store is damaged, or is not a store',
  'store/full': 'there is no room left for the store',
};

/** What a person can act on; an error that is none of the database's own comes back as it is. */
export function sqliteFault(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof PortcullisError) return error;
  if ('errcode' in error) {
    const primary = Number(error.errcode) % 256;
    const code = sqliteCodes[primary] ?? 'store/failed';
    const summary =
      summaries[code] ??
      (primary === ioErrorCode ? 'the store cannot be read or written' : 'the store failed');
    return new PortcullisError(code, `${summary}: ${error.message}`, { place: path, cause: error });
  }
  if ('syscall' in error && 'code' in error) {
    const code =
      error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'store/full' : 'store/cannot-open';
    return new PortcullisError(code, `${summaries[code]}: ${error.message}`, {
      place: path,
      cause: error,
    });
  }
  return error;
}
