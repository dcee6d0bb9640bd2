// Secrets of channels: taken from the environment where the configuration says `${NAME}`, and kept out
// of whatever is shown.

import { z } from 'zod';
import { PortcullisError } from '../errors/portcullis-error.ts';

const reference = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

/** A text that may be `${NAME}`, for the value of an environment variable. */
export function secret(expected: string): z.ZodString {
  return z.string(expected).min(1, expected).meta({ isSecret: true });
}

/**
 * The secret itself.
 * @param place what the secret is, for the error
 * @throws PortcullisError `notify/bad-channel`
 */
export function reveal(
  written: string,
  place: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const name = reference.exec(written)?.[1];
  if (name === undefined) return written;
  const value = env[name];
  if (value === undefined || value === '') {
    throw new PortcullisError(
      'notify/bad-channel',
      `${place} is to be taken from the environment variable ${name}, which is not set`,
      { hint: `Set ${name} where Portcullis runs, or correct its name.` },
    );
  }
  return value;
}

/** The text with every secret in it replaced, also as addresses write it. */
export function redact(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((each) => [each, encodeURIComponent(each.toWellFormed())]);
  return forms
    .filter((form) => form !== '')
    .toSorted((a, b) => b.length - a.length)
    .reduce((shown, form) => shown.replaceAll(form, '***'), text);
}
