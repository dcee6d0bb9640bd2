// What clients that send notices have in common. Whoever sends tries again by itself, over hours, so
// the SDK's own attempts are few.

import { silentLogger } from './client-options.ts';

export type SendingOptions = {
  /** A profile of the shared AWS configuration files; AWS_PROFILE or `default` when absent. */
  readonly profile?: string;
  /** When absent, the environment's or profile's. */
  readonly region?: string;
  /** Another service that speaks the same, for example `http://localhost:5000`. */
  readonly endpointUrl?: string;
};

const CONNECT_TIMEOUT_MS = 5000;
const REQUEST_TIMEOUT_MS = 15_000;

export function sendingConfig({ profile, region, endpointUrl }: SendingOptions) {
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
    logger: silentLogger,
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  };
}
