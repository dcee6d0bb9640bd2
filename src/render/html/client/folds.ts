// Exposures that differ in the port alone are shown as one: opening all ports is one bar and one row
// of the table, not twenty. Pure.

import type { FindingView } from './report-data.ts';

/** Things with findings of one story, ports ascending. Never empty. */
export type Fold<T> = readonly [T, ...T[]];

const namedPorts = 3;

/**
 * Folds what belongs to one signal, was opened and closed by the same events, and was equally wide;
 * folds in the order in which their first members came.
 */
export function foldsOf<T>(
  values: readonly T[],
  findingOf: (value: T) => FindingView,
): readonly Fold<T>[] {
  const folds = new Map<string, [T, ...T[]]>();
  for (const value of values) {
    const { signal, openedByEventId, closedByEventId, extent, sources } = findingOf(value);
    const key = JSON.stringify([signal, openedByEventId, closedByEventId, extent, sources]);
    const fold = folds.get(key);
    if (fold === undefined) folds.set(key, [value]);
    else fold.push(value);
  }
  for (const fold of folds.values()) {
    fold.sort((left, right) => findingOf(left).port - findingOf(right).port);
  }
  return [...folds.values()];
}

/** A name for some ports that is never long: `22 SSH`, or `9 ports`. */
export function shortPorts(ports: readonly string[]): string {
  return ports.length > 2 ? `${ports.length} ports` : ports.join(', ');
}

/** The first of many ports by name, the rest by number; all of them where they are few. */
export function somePorts(ports: readonly string[]): string {
  const rest = ports.length - namedPorts;
  if (rest < 2) return ports.join(', ');
  return `${ports.slice(0, namedPorts).join(', ')} and ${rest} more`;
}
