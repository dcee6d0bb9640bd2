// Who may call what: the one table of all routes. A path that is not in it does not exist, and a method
// that is not in it for its path is refused, before anything else is looked at.

import type { Role } from '../../model/desk.ts';

export const scopes = [
  'signals:read',
  'signals:write',
  'exposures:read',
  'rules:read',
  'suppressions:read',
  'suppressions:write',
  'operations:read',
  'operations:write',
  'audit:read',
  'events:read',
  'metrics:read',
] as const;

export type Scope = (typeof scopes)[number];
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export type RouteAccess = {
  readonly method: Method;
  /** As in OpenAPI: `/api/v1/signals/{id}`. */
  readonly path: string;
} & (
  | { readonly needs: 'nobody' }
  /** The least role, and what a token with scopes has to have among them; null where any will do. */
  | { readonly needs: Role; readonly scope: Scope | null }
);

export const routeAccess: readonly RouteAccess[] = [
  { method: 'GET', path: '/healthz', needs: 'nobody' },
  { method: 'GET', path: '/readyz', needs: 'nobody' },
  { method: 'GET', path: '/openapi.json', needs: 'nobody' },
  { method: 'GET', path: '/auth/login', needs: 'nobody' },
  { method: 'GET', path: '/auth/callback', needs: 'nobody' },
  { method: 'POST', path: '/auth/logout', needs: 'viewer', scope: null },
  { method: 'GET', path: '/metrics', needs: 'viewer', scope: 'metrics:read' },
  { method: 'GET', path: '/api/v1/me', needs: 'viewer', scope: null },
  { method: 'GET', path: '/api/v1/events', needs: 'viewer', scope: 'events:read' },
  { method: 'GET', path: '/api/v1/signals', needs: 'viewer', scope: 'signals:read' },
  { method: 'GET', path: '/api/v1/signals/count', needs: 'viewer', scope: 'signals:read' },
  { method: 'GET', path: '/api/v1/signals/{id}', needs: 'viewer', scope: 'signals:read' },
  {
    method: 'PUT',
    path: '/api/v1/signals/{id}/triage',
    needs: 'responder',
    scope: 'signals:write',
  },
  {
    method: 'PUT',
    path: '/api/v1/signals/{id}/assignee',
    needs: 'responder',
    scope: 'signals:write',
  },
  { method: 'GET', path: '/api/v1/signals/{id}/notes', needs: 'viewer', scope: 'signals:read' },
  {
    method: 'POST',
    path: '/api/v1/signals/{id}/notes',
    needs: 'responder',
    scope: 'signals:write',
  },
  { method: 'GET', path: '/api/v1/exposures', needs: 'viewer', scope: 'exposures:read' },
  { method: 'GET', path: '/api/v1/exposures/timeline', needs: 'viewer', scope: 'exposures:read' },
  { method: 'GET', path: '/api/v1/exposures/{id}', needs: 'viewer', scope: 'exposures:read' },
  { method: 'GET', path: '/api/v1/rules', needs: 'viewer', scope: 'rules:read' },
  { method: 'GET', path: '/api/v1/rules/{id}', needs: 'viewer', scope: 'rules:read' },
  { method: 'GET', path: '/api/v1/suppressions', needs: 'viewer', scope: 'suppressions:read' },
  { method: 'POST', path: '/api/v1/suppressions', needs: 'responder', scope: 'suppressions:write' },
  {
    method: 'POST',
    path: '/api/v1/suppressions/{id}/end',
    needs: 'responder',
    scope: 'suppressions:write',
  },
  { method: 'GET', path: '/api/v1/undetermined', needs: 'viewer', scope: 'operations:read' },
  { method: 'GET', path: '/api/v1/sources', needs: 'viewer', scope: 'operations:read' },
  { method: 'GET', path: '/api/v1/notices/refused', needs: 'viewer', scope: 'operations:read' },
  {
    method: 'POST',
    path: '/api/v1/notices/refused/{id}/retry',
    needs: 'responder',
    scope: 'operations:write',
  },
  { method: 'GET', path: '/api/v1/dead-letters', needs: 'responder', scope: 'operations:read' },
  {
    method: 'GET',
    path: '/api/v1/dead-letters/{id}',
    needs: 'responder',
    scope: 'operations:read',
  },
  {
    method: 'DELETE',
    path: '/api/v1/dead-letters/{id}',
    needs: 'admin',
    scope: 'operations:write',
  },
  { method: 'GET', path: '/api/v1/audit', needs: 'admin', scope: 'audit:read' },
];

type Entry = { readonly pattern: RegExp; readonly access: RouteAccess };

/** A path without a parameter before one with it: `count` is no id. */
const entries: readonly Entry[] = routeAccess
  .map((access): Entry => ({
    pattern: new RegExp(
      `^${access.path.replaceAll(/\{[^}]+\}/g, '[^/]+').replaceAll('.', '\\.')}$`,
    ),
    access,
  }))
  .toSorted((a, b) => Number(a.access.path.includes('{')) - Number(b.access.path.includes('{')));

export type FoundRoute =
  | { readonly kind: 'route'; readonly access: RouteAccess }
  | { readonly kind: 'no-path' }
  | { readonly kind: 'no-method'; readonly allow: readonly string[] };

/** @param path without query; HEAD is GET without the body */
export function findRoute(method: string, path: string): FoundRoute {
  const first = entries.find(({ pattern }) => pattern.test(path));
  if (first === undefined) return { kind: 'no-path' };
  const ofPath = routeAccess.filter((access) => access.path === first.access.path);
  const access = ofPath.find((each) => each.method === (method === 'HEAD' ? 'GET' : method));
  if (access !== undefined) return { kind: 'route', access };
  const allow = ofPath.flatMap((each) => (each.method === 'GET' ? ['GET', 'HEAD'] : [each.method]));
  return { kind: 'no-method', allow };
}
