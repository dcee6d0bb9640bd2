// Logging in with an OpenID Connect provider: authorization code with PKCE, state and nonce. What has
// to be remembered between the two halves is sealed and kept by the browser that began, so a login that
// one browser began cannot be finished in another.

import { z } from '@hono/zod-openapi';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  AuthorizationResponseError,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientError,
  ClientSecretPost,
  discovery,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  ResponseBodyError,
  type Configuration,
} from 'openid-client';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import { roles, type Role } from '../../model/desk.ts';
import { own, type JsonObject } from '../../model/json.ts';
import type { Clock } from '../../ports.ts';
import { isLoopback } from './client-address.ts';
import { createSeal } from './seal.ts';
import type { Person } from './sessions.ts';

export type OidcSettings = {
  readonly issuer: string;
  readonly clientId: string;
  /** None for a public client. */
  readonly clientSecret?: string | undefined;
  readonly scopes: readonly string[];
  /** The claim that says what a person may do: a text or a list of texts. */
  readonly roleClaim: string;
  /** For each role the values of the claim that give it. */
  readonly roles: Readonly<Record<Role, readonly string[]>>;
};

export type OidcLogin = {
  /** Where to send the browser, and what it has to bring back. */
  begin(
    callback: string,
    returnTo: string,
  ): Promise<{ readonly url: string; readonly kept: string }>;
  /**
   * Who came back. Throws PortcullisError `serve/login-failed`, `serve/no-role` where nothing that is
   * claimed gives a role, and `serve/login-unavailable`.
   */
  finish(
    cameBackTo: URL,
    kept: string,
  ): Promise<{ readonly person: Person; readonly returnTo: string }>;
};

/** How long the provider may take to answer, and a person to log in there, in seconds. */
const answerSeconds = 10;
export const loginSeconds = 600;

const keptShape = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  callback: z.string(),
  returnTo: z.string(),
  untilMs: z.number(),
});

/** @param key at least 32 random bytes, the same in all processes */
export function createOidcLogin(settings: OidcSettings, key: Uint8Array, clock: Clock): OidcLogin {
  const seal = createSeal(key, 'login');
  let found: Promise<Configuration> | null = null;

  /** Looked up when first needed: a provider that is away keeps nobody from starting. */
  async function provider(): Promise<Configuration> {
    found ??= discover(settings);
    try {
      return await found;
    } catch (error) {
      found = null;
      throw new PortcullisError('serve/login-unavailable', 'the login provider does not answer', {
        cause: error,
      });
    }
  }

  return {
    async begin(callback, returnTo) {
      const configuration = await provider();
      const verifier = randomPKCECodeVerifier();
      const state = randomState();
      const nonce = randomNonce();
      const url = buildAuthorizationUrl(configuration, {
        redirect_uri: callback,
        scope: settings.scopes.join(' '),
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      const untilMs = clock() + loginSeconds * 1000;
      const kept = seal.seal({ state, nonce, verifier, callback, returnTo, untilMs });
      return { url: url.href, kept };
    },

    async finish(cameBackTo, keptText) {
      const { success, data: kept } = keptShape.safeParse(seal.open(keptText));
      if (!success || kept.untilMs <= clock()) {
        throw new PortcullisError('serve/login-failed', 'no login was begun here, or too long ago');
      }
      const configuration = await provider();
      // Behind a proxy the server does not see the address that the browser has.
      const url = new URL(kept.callback);
      url.search = cameBackTo.search;
      try {
        const answer = await authorizationCodeGrant(configuration, url, {
          pkceCodeVerifier: kept.verifier,
          expectedState: kept.state,
          expectedNonce: kept.nonce,
          idTokenExpected: true,
        });
        const claims: JsonObject = { ...answer.claims() };
        const subject = String(claims['sub']);
        const isComplete = Object.hasOwn(claims, settings.roleClaim) && nameOf(claims) !== null;
        const all =
          isComplete || configuration.serverMetadata().userinfo_endpoint === undefined
            ? claims
            : { ...(await fetchUserInfo(configuration, answer.access_token, subject)), ...claims };
        return { person: personOf(subject, all, settings), returnTo: kept.returnTo };
      } catch (error) {
        throw loginFault(error);
      }
    },
  };
}

async function discover(settings: OidcSettings): Promise<Configuration> {
  const issuer = new URL(settings.issuer);
  const { clientSecret } = settings;
  // Only on this machine may what is said go unprotected.
  const isLocal = issuer.protocol === 'http:' && isLoopback(issuer.hostname);
  return discovery(
    issuer,
    settings.clientId,
    undefined,
    clientSecret === undefined ? None() : ClientSecretPost(clientSecret),
    { timeout: answerSeconds, ...(isLocal ? { execute: [allowInsecureRequests] } : {}) },
  );
}

function personOf(subject: string, claims: JsonObject, settings: OidcSettings): Person {
  const role = roleOf(own(claims, settings.roleClaim), settings.roles);
  const name = nameOf(claims) ?? subject;
  if (role === null) {
    throw new PortcullisError('serve/no-role', 'you are known, and have no role here', {
      hint: 'Ask whoever runs this server which groups have a role.',
    });
  }
  return { subject, name, role };
}

/** The highest role that any of the values gives. */
export function roleOf(claim: unknown, given: OidcSettings['roles']): Role | null {
  const values = (Array.isArray(claim) ? claim : [claim]).filter(
    (each) => typeof each === 'string',
  );
  return roles.findLast((role) => values.some((value) => given[role].includes(value))) ?? null;
}

function nameOf(claims: JsonObject): string | null {
  const texts = [
    claims['email_verified'] === false ? null : claims['email'],
    claims['preferred_username'],
    claims['name'],
  ];
  for (const text of texts) {
    if (typeof text === 'string' && text.trim() !== '') return text.slice(0, 200);
  }
  return null;
}

function loginFault(error: unknown): PortcullisError {
  if (error instanceof PortcullisError) return error;
  const isRefusal =
    error instanceof AuthorizationResponseError ||
    error instanceof ResponseBodyError ||
    // What came back does not fit what was begun, or is not signed as it should be.
    (error instanceof ClientError && error.code !== 'OAUTH_TIMEOUT');
  return isRefusal
    ? new PortcullisError('serve/login-failed', 'the login was not completed', { cause: error })
    : new PortcullisError('serve/login-unavailable', 'the login provider does not answer', {
        cause: error,
      });
}
