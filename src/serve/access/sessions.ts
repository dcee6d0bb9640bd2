// Sessions of people who logged in. The browser holds the session itself, sealed; what the server keeps
// is the key, and which sessions were ended before their time, for all processes that share the store.

import { randomBytes } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { roles, type Role } from '../../model/desk.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Clock, Store } from '../../ports.ts';
import type { Principal } from './principal.ts';
import { createSeal } from './seal.ts';

export type Person = {
  /** The provider's name for them, which never changes and never goes to anybody else. */
  readonly subject: string;
  /** For people to read. */
  readonly name: string;
  readonly role: Role;
};

export type Sessions = {
  /** Text for the session's cookie. */
  begin(person: Person): string;
  /** Who it is; null for what is no session, or one that is over. */
  read(cookie: string): Promise<Principal | null>;
  /** Nobody can use it any more, wherever a copy is. */
  end(sessionId: string, expiresMs: number): Promise<void>;
  readonly lifeSeconds: number;
};

/** Keeps which sessions were ended, and the key, across restarts and for all processes. */
export type SessionKeeper = {
  key(): Promise<Uint8Array>;
  /** Ids of sessions that were ended and would otherwise still be good. */
  ended(): Promise<ReadonlySet<string>>;
  end(sessionId: string, expiresMs: number): Promise<void>;
};

const session = z.object({
  id: z.string(),
  subject: z.string(),
  name: z.string(),
  role: z.enum(roles),
  expiresMs: z.number(),
});

export async function createSessions(
  keeper: SessionKeeper,
  clock: Clock,
  lifeSeconds: number,
): Promise<Sessions> {
  const seal = createSeal(await keeper.key(), 'session');
  return {
    lifeSeconds,
    begin({ subject, name, role }) {
      return seal.seal({
        id: randomBytes(16).toString('base64url'),
        subject,
        name,
        role,
        expiresMs: clock() + lifeSeconds * 1000,
      });
    },
    async read(cookie) {
      const { success, data } = session.safeParse(seal.open(cookie));
      if (!success || data.expiresMs <= clock()) return null;
      if ((await keeper.ended()).has(data.id)) return null;
      return {
        kind: 'person',
        id: `person ${data.subject}`,
        name: data.name,
        role: data.role,
        scopes: [],
        actor: `${data.name} (oidc ${data.subject})`,
        expiresMs: data.expiresMs,
        sessionId: data.id,
      };
    },
    end: (sessionId, expiresMs) => keeper.end(sessionId, expiresMs),
  };
}

const keyName = 'serve/session-key';
const endedName = 'serve/ended-sessions';
const endedShape = z.object({ sessions: z.record(z.string(), z.number()) });
/** How long another process may not yet know that a session was ended. */
const freshMs = 5_000;

/** Keeps both in a store. */
export function storedSessions(store: Pick<Store, 'transaction'>, clock: Clock): SessionKeeper {
  let known: { readonly readMs: number; readonly ids: ReadonlySet<string> } | null = null;

  function stillGood(value: JsonObject | null): Readonly<Record<string, number>> {
    const { data } = endedShape.safeParse(value);
    const entries = Object.entries(data?.sessions ?? {});
    return Object.fromEntries(entries.filter(([, expiresMs]) => expiresMs > clock()));
  }

  return {
    async key() {
      return store.transaction(async (tx) => {
        const { data } = z.object({ key: z.string() }).safeParse(await tx.checkpoint(keyName));
        if (data !== undefined) return Buffer.from(data.key, 'base64url');
        const key = randomBytes(32);
        await tx.putCheckpoint(keyName, { key: key.toString('base64url') });
        return key;
      });
    },
    async ended() {
      if (known === null || clock() - known.readMs >= freshMs) {
        const kept = await store.transaction((tx) => tx.checkpoint(endedName));
        known = { readMs: clock(), ids: new Set(Object.keys(stillGood(kept))) };
      }
      return known.ids;
    },
    async end(sessionId, expiresMs) {
      await store.transaction(async (tx) => {
        const kept = stillGood(await tx.checkpoint(endedName));
        await tx.putCheckpoint(endedName, { sessions: { ...kept, [sessionId]: expiresMs } });
      });
      known = null;
    },
  };
}
