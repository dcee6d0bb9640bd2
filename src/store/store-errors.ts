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
  'store/unavailable': 'the database server cannot be reached',
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

/** By PostgreSQL's error code: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const postgresCodes: Readonly<Record<string, FaultCode>> = {
  '28000': 'store/cannot-open',
  '28P01': 'store/cannot-open',
  '3D000': 'store/cannot-open',
  '42501': 'store/cannot-open',
  '25006': 'store/cannot-open',
  '53100': 'store/full',
  '53300': 'store/unavailable',
  '55P03': 'store/locked',
};

const postgresHints: Readonly<Record<string, string>> = {
  '28000': 'The server does not let this user in; check the user, and pg_hba.conf on the server.',
  '28P01': 'Check user and password; PGPASSWORD or a .pgpass file may hold the password.',
  '3D000': 'Create the database first; docs/store.md shows how.',
  '42501': 'Grant the user what docs/store.md lists.',
  '25006': 'The server takes no writes, as a standby does not; give the address of the primary.',
};

/** Whether to try again is worth it: others came in between, and nothing was done. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code === '40001' || code === '40P01';
}

/** Whether the connection is gone, or never came about; `pg` words what it notices by itself. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error) ?? '';
  return (
    /^(?:08|57P0[123]|E(?:CONN|PIPE|HOST|NET|TIMEDOUT|NOENT|NOTFOUND|AI_))/.test(code) ||
    /^(?:Connection terminated|timeout exceeded when trying|Client has encountered a conn|Client was closed)/.test(
      error.message,
    )
  );
}

/** Whether the driver knew the connection to be gone, and did not send what it was given. */
export function wasNotSent(error: unknown): boolean {
  return error instanceof Error && /is not queryable$|^Client was closed/.test(error.message);
}

/** `place` is the address without its password. */
export function postgresFault(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error instanceof PortcullisError) return error;
  const sqlState = codeOf(error);
  const code = isConnectionLoss(error) ? 'store/unavailable' : postgresCodes[sqlState ?? ''];
  if (code === undefined && !isSqlState(sqlState)) return error;
  const known = code ?? 'store/failed';
  const hint = postgresHints[sqlState ?? ''];
  // Several addresses of one host that all refuse make an error without words of its own.
  const words = error.message === '' ? (sqlState ?? error.name) : error.message;
  return new PortcullisError(known, `${summaries[known] ?? 'the store failed'}: ${words}`, {
    place,
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

function isSqlState(code: string | null): boolean {
  return code !== null && /^[0-9A-Z]{5}$/.test(code);
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
}
