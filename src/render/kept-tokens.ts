// API tokens as a store keeps them: everything but the tokens themselves, which nobody has any more.

import type { ApiToken } from '../model/desk.ts';
import { safeJson } from './machine-json.ts';
import { behind, indent } from './table/frame.ts';
import { paint, wrap, type Line, type Style } from './table/layout.ts';
import { countText, oneLine, timeText } from './words.ts';

export type ShownToken = {
  readonly token: ApiToken;
  readonly state: 'good' | 'expired' | 'revoked';
};

export const tokenFormats = ['table', 'json'] as const;
export type TokenFormat = (typeof tokenFormats)[number];

export function* renderTokens(
  tokens: readonly ShownToken[],
  format: TokenFormat,
  terminal: { readonly columns: number; readonly color: boolean },
): Generator<string> {
  switch (format) {
    case 'json':
      yield `${safeJson({ schemaVersion: 1, tokens: tokens.map(tokenJson) }, 2)}\n`;
      break;
    case 'table':
      for (const each of tokens) {
        for (const line of tokenLines(each, terminal.columns)) {
          yield `${paint(line, terminal.color)}\n`;
        }
      }
      yield `${countText(tokens.length, 'token')}\n`;
      break;
    default:
      format satisfies never;
  }
}

function tokenJson({ token, state }: ShownToken): object {
  const { id, name, role, scopes, createdBy } = token;
  return {
    id,
    name,
    role,
    scopes,
    state,
    createdBy,
    created: isoTime(token.createdMs),
    expires: timeOrNull(token.expiresMs),
    lastUsed: timeOrNull(token.lastUsedMs),
    revoked: timeOrNull(token.revokedMs),
  };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}

const styles: Readonly<Record<ShownToken['state'], Style>> = {
  good: 'green',
  expired: 'dim',
  revoked: 'dim',
};

function tokenLines({ token, state }: ShownToken, columns: number): readonly Line[] {
  const { id, name, role, scopes, createdBy, createdMs, expiresMs, lastUsedMs } = token;
  const title: Line = [
    { text: id, style: 'bold' },
    { text: ` ${oneLine(name)}, ${role}, ` },
    { text: state, style: styles[state] },
  ];
  const expiry = expiresMs === null ? 'never expires' : `expires ${shownTime(expiresMs)}`;
  const use = lastUsedMs === null ? 'never used' : `last used ${shownTime(lastUsedMs)}`;
  const rest: readonly Line[] = [
    [{ text: `${expiry}, ${use}` }],
    ...(scopes.length === 0 ? [] : [[{ text: `only for ${scopes.map(oneLine).join(', ')}` }]]),
    [{ text: oneLine(`created ${shownTime(createdMs)} by ${createdBy}`), style: 'dim' as const }],
  ];
  const below = rest.flatMap((line) => wrap(line, columns - 2)).map(behind(indent));
  return [...wrap(title, columns), ...below];
}

function shownTime(ms: number): string {
  return timeText(isoTime(ms));
}
