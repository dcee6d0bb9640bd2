// A setting that may hold a secret: written as `${NAME}` for an environment variable, as
// `${file:/path}` for a file, or in plain.

import { z } from 'zod';

/** What is marked so is masked when it is shown, and revealed only where it is used. */
export function secret(expected: string): z.ZodString {
  return z.string(expected).min(1, expected).meta({ isSecret: true });
}

export type SecretReference =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string };

/** What a text refers to; null for one that is the secret itself. */
export function referenceIn(written: string): SecretReference | null {
  const { name, path } =
    /^\$\{(?:(?<name>[A-Za-z_][A-Za-z0-9_]*)|file:(?<path>[^}]+))\}$/.exec(written)?.groups ?? {};
  if (name !== undefined) return { kind: 'variable', name };
  return path === undefined ? null : { kind: 'file', path };
}

/** A reference as it is, anything else hidden. */
export function maskSecret(written: string): string {
  return referenceIn(written) === null ? '***' : written;
}

/** A setting that may hold a password among other things, as the address of a database does. */
export function address(expected: string): z.ZodString {
  return z.string(expected).min(1, expected).meta({ mayHavePassword: true });
}

/** A reference, or an address without its password. */
export function maskPassword(written: string): string {
  if (referenceIn(written) !== null || !written.includes('://')) return written;
  // What is not a URL may still hold a password.
  if (!URL.canParse(written)) return '***';
  const url = new URL(written);
  if (url.password !== '') url.password = '***';
  for (const name of url.searchParams.keys()) {
    if (/pass|secret|token|key/i.test(name)) url.searchParams.set(name, '***');
  }
  return url.href;
}
