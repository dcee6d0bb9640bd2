// Points in time on the command line: a day, a UTC time, or how long ago.

import { PortcullisError } from '../errors/portcullis-error.ts';

const unitMs: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Reads `2026-11-02`, `2026-11-02T08:00:00Z`, or `90m`, `24h`, `7d`, `2w` ago, as milliseconds
 * since 1970. A day means its first moment, or, at the end of a window, its last.
 *
 * @throws PortcullisError `usage/bad-option` for anything else
 */
export function readTimeArgument(
  option: string,
  text: string,
  nowMs: number,
  edge: 'start' | 'end',
): number {
  const ago = /^(\d{1,6})([mhdw])$/.exec(text);
  if (ago !== null) return nowMs - Number(ago[1]) * (unitMs[ago[2] ?? ''] ?? 0);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    const start = Date.parse(`${text}T00:00:00Z`);
    if (!Number.isNaN(start)) return edge === 'start' ? start : start + 86_400_000 - 1;
  }
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/.test(text)) {
    const time = Date.parse(text);
    if (!Number.isNaN(time)) return time;
  }
  throw new PortcullisError('usage/bad-option', `${option} does not understand the time ${text}`, {
    hint: 'Give a day (2026-11-02), a time with its zone (2026-11-02T08:00:00Z), or an age (24h, 7d).',
  });
}
