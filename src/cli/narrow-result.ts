// Narrows what a scan shows: by severity, and to what is still open. Counts of what was read stay.

import { severities, type Severity } from '../model/exposure.ts';
import type { ScanResult } from '../model/scan-result.ts';
import type { Signal } from '../model/signal.ts';
import { suppressed } from '../scan.ts';

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(least);
}

export function narrowResult(
  result: ScanResult,
  {
    least,
    onlyOpen,
    listSuppressed,
  }: {
    readonly least: Severity | null;
    readonly onlyOpen: boolean;
    /** Whether to list what suppressions hide, and not to count it only. */
    readonly listSuppressed: boolean;
  },
): ScanResult {
  const isShown = (signal: Signal): boolean =>
    (least === null || isAtLeast(signal.severity, least)) &&
    (!onlyOpen || signal.status === 'open');
  const counted = narrowSuppressed(result, isShown, listSuppressed);
  if (least === null && !onlyOpen) return counted;
  const signals = result.signals.filter(isShown);
  const shown = new Set(signals.flatMap((signal) => signal.exposures));
  const exposures = result.exposures.filter(
    (exposure) => shown.has(exposure.id) && (!onlyOpen || exposure.closedAt === null),
  );
  const kept = new Set(exposures.map((exposure) => exposure.id));
  return {
    ...counted,
    // A signal never names an exposure that is not in the document.
    signals: signals.map((signal) => ({
      ...signal,
      exposures: signal.exposures.filter((id) => kept.has(id)),
    })),
    exposures,
  };
}

function narrowSuppressed(
  { suppressed: all, ...rest }: ScanResult,
  isShown: (signal: Signal) => boolean,
  listSuppressed: boolean,
): ScanResult {
  const hidden = (all?.hidden ?? []).filter(({ signal }) => isShown(signal));
  if (hidden.length === 0) return rest;
  const { signals, exposures } = suppressed(hidden);
  const list = listSuppressed ? { hidden } : {};
  return { ...rest, suppressed: { signals, exposures, ...list } };
}
