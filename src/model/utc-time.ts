// Times as CloudTrail writes them.

/** UTC, without a fraction of a second where there is none. @param ms since 1970, UTC */
export function utcTime(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
