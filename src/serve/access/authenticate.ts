// From what a request shows to who asks. A token that is unknown, expired or revoked gets the same
// answer, and whoever shows one is judged by it alone, whatever else they show.

import type { Role, TokenDesk } from '../../model/desk.ts';
import type { Clock } from '../../ports.ts';
import { hashApiToken, isTokenText, tokenState } from './api-token.ts';
import { isLoopback } from './client-address.ts';
import type { OidcLogin } from './oidc-login.ts';
import type { Principal } from './principal.ts';
import type { Sessions } from './sessions.ts';

/** How people and programs say who they are. */
export type Access = {
  readonly tokens: Pick<TokenDesk, 'findByHash' | 'noteUse'>;
  /** Null where nobody can log in. */
  readonly login: { readonly oidc: OidcLogin; readonly sessions: Sessions } | null;
  /**
   * The role of whoever shows nothing and reaches the server under a name of the loopback address;
   * null for none. For a server on a machine of one's own.
   */
  readonly open: Role | null;
};

export type Shown = {
  /** The header. */
  readonly authorization: string | undefined;
  /** The session's cookie. */
  readonly session: string | undefined;
  /** The host that the request names, without port. */
  readonly host: string;
};

export type Authentication =
  | { readonly kind: 'known'; readonly principal: Principal }
  /** Nothing was shown, or what was shown is good for nothing. */
  | { readonly kind: 'nobody' }
  | { readonly kind: 'refused' };

export type Authenticate = (shown: Shown) => Promise<Authentication>;

/** @param onNoteFailed hears why the use of a token could not be noted */
export function createAuthenticate(
  { tokens, login, open }: Access,
  clock: Clock,
  onNoteFailed: (error: unknown) => void,
): Authenticate {
  async function byToken(header: string): Promise<Authentication> {
    const text = /^bearer +(\S+)$/i.exec(header)?.[1];
    if (text === undefined || !isTokenText(text)) return { kind: 'refused' };
    const token = await tokens.findByHash(hashApiToken(text));
    if (token === null || tokenState(token, clock()) !== 'good') return { kind: 'refused' };
    // A token is good also while nothing can be written.
    tokens.noteUse(token.id).catch(onNoteFailed);
    const principal: Principal = {
      kind: 'token',
      id: `token ${token.id}`,
      name: token.name,
      role: token.role,
      scopes: token.scopes,
      actor: `${token.name} (token ${token.id})`,
      expiresMs: token.expiresMs,
      sessionId: null,
    };
    return { kind: 'known', principal };
  }

  return async ({ authorization, session, host }) => {
    if (authorization !== undefined) return byToken(authorization);
    const person =
      session === undefined || login === null ? null : await login.sessions.read(session);
    if (person !== null) return { kind: 'known', principal: person };
    // A page elsewhere that points a name of its own at this machine shows that name.
    if (open === null || !isLoopback(host)) return { kind: 'nobody' };
    return { kind: 'known', principal: openPrincipal(open) };
  };
}

function openPrincipal(role: Role): Principal {
  return {
    kind: 'open',
    id: 'open',
    name: 'anyone on this machine',
    role,
    scopes: [],
    actor: 'anyone on this machine',
    expiresMs: null,
    sessionId: null,
  };
}
