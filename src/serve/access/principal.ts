// Who asks, once that is established, and whether they may. Pure.

import { roles, type Role } from '../../model/desk.ts';
import type { RouteAccess } from './route-access.ts';

export type Principal = {
  /** `open` is whoever reaches a server that asks nobody who they are. */
  readonly kind: 'token' | 'person' | 'open';
  /** Unique among all principals: what rate limits go by. */
  readonly id: string;
  /** For people to read. */
  readonly name: string;
  readonly role: Role;
  /** What a token may be used for; empty for all that its role may do. */
  readonly scopes: readonly string[];
  /** As the audit log names them: no two principals share it. */
  readonly actor: string;
  /** In milliseconds since 1970, UTC; null for no end. */
  readonly expiresMs: number | null;
  /** The session, for a person. */
  readonly sessionId: string | null;
};

/** Whether one role includes another: an admin may do what a responder may, and so on. */
export function includesRole(role: Role, least: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(least);
}

export function mayCall(principal: Principal, access: RouteAccess): boolean {
  if (access.needs === 'nobody') return true;
  if (!includesRole(principal.role, access.needs)) return false;
  return (
    principal.scopes.length === 0 ||
    access.scope === null ||
    principal.scopes.includes(access.scope)
  );
}
