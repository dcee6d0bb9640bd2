// Tokens of the API. Only their digests are kept, so who reads the store can use none of them.

import { randomUUID } from 'node:crypto';
import type { ApiToken, TokenDesk } from '../model/desk.ts';
import { changing, note, reading, type DeskContext } from './desk-parts.ts';
import { parse } from './parsed-data.ts';

/** Reading must not become writing: a use within so many milliseconds of the last is not noted. */
const notedEveryMs = 60_000;

type Row = {
  readonly data: string;
  readonly last_used_ms: number | null;
  readonly revoked_ms: number | null;
};
const columns = ['data', 'last_used_ms', 'revoked_ms'] as const;

function tokenOf({ data, last_used_ms: lastUsedMs, revoked_ms: revokedMs }: Row): ApiToken {
  return { ...parse<ApiToken>(data), lastUsedMs, revokedMs };
}

export function tokenDesk(context: DeskContext): TokenDesk {
  return {
    async add({ name, role, scopes, expiresMs }, hash, who) {
      const token: ApiToken = {
        id: randomUUID(),
        name,
        role,
        scopes,
        createdBy: who.actor,
        createdMs: context.clock(),
        expiresMs,
        lastUsedMs: null,
        revokedMs: null,
      };
      await changing(context, async (db) => {
        await db
          .insertInto('api_tokens')
          .values({
            id: token.id,
            hash,
            created_ms: token.createdMs,
            last_used_ms: null,
            revoked_ms: null,
            data: JSON.stringify(token),
          })
          .execute();
        await note(db, context, who, 'token.add', token.id, { name, role, scopes, expiresMs });
      });
      return token;
    },
    list: () =>
      reading(context, async (db) => {
        const rows = await db
          .selectFrom('api_tokens')
          .select(columns)
          .orderBy('created_ms')
          .orderBy('id')
          .execute();
        return rows.map(tokenOf);
      }),
    findByHash: (hash) =>
      reading(context, async (db) => {
        const row = await db
          .selectFrom('api_tokens')
          .select(columns)
          .where('hash', '=', hash)
          .executeTakeFirst();
        return row === undefined ? null : tokenOf(row);
      }),
    async noteUse(id) {
      const now = context.clock();
      const isDue = await reading(context, (db) =>
        db
          .selectFrom('api_tokens')
          .select('id')
          .where('id', '=', id)
          .where((eb) =>
            eb.or([eb('last_used_ms', 'is', null), eb('last_used_ms', '<', now - notedEveryMs)]),
          )
          .executeTakeFirst(),
      );
      if (isDue === undefined) return;
      await changing(context, (db) =>
        db.updateTable('api_tokens').set({ last_used_ms: now }).where('id', '=', id).execute(),
      );
    },
    revoke: (id, who) =>
      changing(context, async (db) => {
        const row = await db
          .updateTable('api_tokens')
          .set({ revoked_ms: context.clock() })
          .where('id', '=', id)
          .where('revoked_ms', 'is', null)
          .returning('data')
          .executeTakeFirst();
        if (row === undefined) return false;
        await note(db, context, who, 'token.revoke', id, { name: parse<ApiToken>(row.data).name });
        return true;
      }),
  };
}
