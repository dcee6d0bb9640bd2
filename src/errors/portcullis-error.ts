// The one error class that Portcullis throws on purpose. Its code stands in the catalogue, its hint
// is the next step a person can take.

import { catalogue, type FaultCode } from './catalogue.ts';

export type PortcullisErrorOptions = {
  /** Where: a file, with line and column where they are known. */
  readonly place?: string;
  /** A more precise next step than the catalogue's. */
  readonly hint?: string;
  readonly cause?: unknown;
};

/** A fault: the command, or the call, could not do its work. */
export class PortcullisError extends Error {
  override readonly name = 'PortcullisError';
  readonly code: FaultCode;
  readonly place: string | null;
  /** The next step a person can take. */
  readonly hint: string;

  constructor(code: FaultCode, message: string, options: PortcullisErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.place = options.place ?? null;
    this.hint = options.hint ?? catalogue[code].nextStep;
  }
}
