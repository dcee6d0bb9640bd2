// Says in a person's words why a file, folder or object could not be read.

import { catalogue } from '../errors/catalogue.ts';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { Problem } from '../model/problem.ts';

/** `file` is a path or `s3://` address; `error` is whatever was thrown while reading it. */
export function notReadable(file: string, error: unknown): Problem {
  const hint =
    error instanceof PortcullisError ? error.hint : catalogue['input/not-readable'].nextStep;
  return {
    code: 'input/not-readable',
    file,
    message: `It cannot be read: ${reasonOf(file, error)}. ${hint}`,
  };
}

/** The `code` of an error from Node's file system or network, for example `EACCES`. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function reasonOf(file: string, error: unknown): string {
  switch (systemCode(error)) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'ENOENT':
      // A name that is not UTF-8 reaches us with replacement characters, under which it is not found.
      return file.includes('\u{FFFD}')
        ? 'its name is not valid UTF-8; rename it'
        : 'it is not there, or no longer';
    case 'ENAMETOOLONG':
      return 'its path is too long for this system';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open on this machine';
    case 'EIO':
      return 'the disk or network drive reports an error';
    case undefined:
    default:
      return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
  }
}
