// API tokens as texts. A token is 256 random bits, so its plain SHA-256 is as good as a slow digest:
// there is nothing to guess. Tokens are found by that digest, which nobody who does not have the token
// can steer, so the time that finding one takes says nothing about any other.

import { createHash, randomBytes } from 'node:crypto';
import type { ApiToken } from '../../model/desk.ts';

/** The prefix lets scanners of leaked secrets recognize a token. */
const tokenPattern = /^pcl_[\w-]{43}$/;

export type NewToken = {
  /** Shown once. */
  readonly token: string;
  /** SHA-256 in hexadecimal: what is kept. */
  readonly hash: string;
};

export function newApiToken(): NewToken {
  const token = `pcl_${randomBytes(32).toString('base64url')}`;
  return { token, hash: hashApiToken(token) };
}

/** SHA-256 in hexadecimal. */
export function hashApiToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Whether a text can be a token at all; others need no look at the store. */
export function isTokenText(text: string): boolean {
  return tokenPattern.test(text);
}

export type TokenState = 'good' | 'expired' | 'revoked';

/** @param nowMs in milliseconds since 1970, UTC */
export function tokenState(token: ApiToken, nowMs: number): TokenState {
  if (token.revokedMs !== null) return 'revoked';
  return token.expiresMs !== null && token.expiresMs <= nowMs ? 'expired' : 'good';
}
