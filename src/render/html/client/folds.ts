// Exposures that differ in the port alone are shown as one: opening all ports is one bar and one row
// of the table, not twenty. Pure.

import type { ExposureView } from './report-data.ts';

/** Things with exposures of one story, ports ascending. Never empty. */
export type Fold<T> = readonly [T, ...T[]];

const namedPorts = 3;

/**
 * Folds what belongs to one signal, was opened and closed by the same events, and was equally wide;
 * folds in the order in which their first members came.
 */
export function foldsOf<T>(
  values: readonly T[],
  exposureOf: (value: T) => ExposureView,
): readonly Fold<T>[] {
  const folds = new Map<string, [T, ...T[]]>();
  for (const value of values) {
    const { signal, openedByEventId, closedByEventId, width, sources } = exposureOf(value);
    const key = JSON.stringify([signal, openedByEventId, closedByEventId, width, sources]);
    const fold = folds.get(key);
    if (fold === undefined) folds.set(key, [value]);
    else fold.push(value);
  }
  for (const fold of folds.values()) {
    fold.sort((left, right) => exposureOf(left).port - exposureOf(right).port);
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
