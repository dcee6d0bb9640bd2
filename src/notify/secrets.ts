// Secrets of channels: taken from the environment, or from a file, where the configuration says so, and
// kept out of whatever is shown.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { PortcullisError } from '../errors/portcullis-error.ts';

/** A text that may be `${NAME}`, for an environment variable, or `${file:/path}`, for a file. */
export function secret(expected: string): z.ZodString {
  return z.string(expected).min(1, expected).meta({ isSecret: true });
}

const variable = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;
const file = /^\$\{file:([^}]+)\}$/;

/**
 * The secret itself, also where a reference to it is written in its place.
 * @param place what the secret is, for the error
 * @throws PortcullisError `notify/bad-channel` where a reference leads nowhere
 */
export function reveal(
  written: string,
  place: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (!/^\$\{.*\}$/s.test(written)) return written;
  const name = variable.exec(written)?.[1];
  if (name !== undefined) return env[name] || nowhere(place, `the variable ${name} is not set`);
  const path = file.exec(written)?.[1];
  if (path !== undefined)
    return textOf(path) || nowhere(place, `${path} cannot be read or is empty`);
  return nowhere(place, 'it is neither ${NAME} nor ${file:/path}');
}

function nowhere(place: string, why: string): never {
  throw new PortcullisError('notify/bad-channel', `${place} refers to what is not there: ${why}`, {
    hint: 'Correct the reference, or set what it refers to where Portcullis runs.',
  });
}

/** What a file holds, one line end at its end aside; empty where it cannot be read. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    return '';
  }
}

/** The text with every secret in it replaced, also as addresses write it. */
export function redact(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((each) => [each, encodeURIComponent(each.toWellFormed())]);
  return forms
    .filter((form) => form !== '')
    .toSorted((a, b) => b.length - a.length)
    .reduce((shown, form) => shown.replaceAll(form, '***'), text);
}
