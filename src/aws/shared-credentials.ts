// One set of temporary credentials for many clients: each client of the SDK would else take on the
// role for itself, which for every region of every account is a lot.

import type { AccountClientConfig } from './account-access.ts';

type Credentials = NonNullable<AccountClientConfig['credentials']>;
type Provider = Extract<Credentials, (...args: never) => unknown>;
type Identity = Awaited<ReturnType<Provider>>;

/** Renewed this long before they expire, as the SDK itself does it. */
const renewBeforeMs = 5 * 60_000;

/** Asks the provider once for all who ask, and again when what it gave is about to expire. */
export function shareCredentials(credentials: Credentials): Credentials {
  if (typeof credentials !== 'function') return credentials;
  let asked: Promise<Identity> | undefined;
  let expiresMs = Infinity;
  return async (properties) => {
    if (asked === undefined || Date.now() >= expiresMs - renewBeforeMs) {
      expiresMs = Infinity;
      asked = credentials(properties).then(
        (identity) => {
          expiresMs = identity.expiration?.getTime() ?? Infinity;
          return identity;
        },
        (error: unknown) => {
          // The next one asks again.
          asked = undefined;
          throw error;
        },
      );
    }
    return asked;
  };
}
