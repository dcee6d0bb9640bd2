// Exposures that differ in the port alone are shown as one: opening 0-65535 is nine ports in one line.

import { type Exposure, severities } from '../model/exposure.ts';
import type { ScanResult } from '../model/scan-result.ts';
import type { Signal } from '../model/signal.ts';

/** Exposures with one story: opened and closed by the same calls, equally wide. */
export type FoldedExposures = {
  /** Stands for all of them in everything but the port. */
  readonly first: Exposure;
  /** All of them, ports ascending. */
  readonly exposures: readonly Exposure[];
};

/** Folds the exposures of one signal; folds in the order of their first opening. */
export function foldExposures(exposures: readonly Exposure[]): FoldedExposures[] {
  const folds = Map.groupBy(exposures, (exposure) =>
    JSON.stringify([
      exposure.openedAt,
      exposure.openedByEventId,
      exposure.closedAt,
      exposure.closedByEventId,
      exposure.ipv4Coverage,
      exposure.ipv6Coverage,
      exposure.sources,
    ]),
  );
  return [...folds.values()].flatMap((fold) => {
    const sorted = fold.toSorted(byPort);
    const [first] = sorted;
    return first === undefined ? [] : [{ first, exposures: sorted }];
  });
}

function byPort(a: Exposure, b: Exposure): number {
  return a.port - b.port || compareText(a.protocol, b.protocol);
}

export type SignalStory = {
  readonly signal: Signal;
  readonly exposures: readonly Exposure[];
};

/**
 * Each signal with its exposures, the latest first opening first. Of one moment, a group's signals
 * stand together, the most severe first.
 */
export function newestFirst(result: ScanResult): SignalStory[] {
  const byId = new Map(result.exposures.map((exposure) => [exposure.id, exposure]));
  return result.signals
    .map((signal) => ({
      signal,
      exposures: signal.exposures.flatMap((id) => byId.get(id) ?? []),
    }))
    .toSorted((a, b) => compareSignals(a.signal, b.signal));
}

function compareSignals(a: Signal, b: Signal): number {
  return (
    compareText(b.firstSeen, a.firstSeen) ||
    compareText(a.groupId ?? '', b.groupId ?? '') ||
    severities.indexOf(b.severity) - severities.indexOf(a.severity) ||
    compareText(a.ruleId, b.ruleId) ||
    compareText(a.id, b.id)
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
