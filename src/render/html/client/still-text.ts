// What to call that something lasts. Pure.

import type { FindingView } from './report-data.ts';

/** An exposure stands open, records keep coming. */
export function stillText(kind: FindingView['kind']): string {
  return kind === 'exposure' ? 'Still open' : 'Ongoing';
}
