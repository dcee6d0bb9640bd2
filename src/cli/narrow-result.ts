// Narrows what a scan shows: by severity, and to what is still open. Counts of what was read stay.

import { severities, type Severity } from '../model/exposure.ts';
import type { ScanResult } from '../model/scan-result.ts';

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(least);
}

export function narrowResult(
  result: ScanResult,
  { least, onlyOpen }: { readonly least: Severity | null; readonly onlyOpen: boolean },
): ScanResult {
  if (least === null && !onlyOpen) return result;
  const signals = result.signals.filter(
    (signal) =>
      (least === null || isAtLeast(signal.severity, least)) &&
      (!onlyOpen || signal.status === 'open'),
  );
  const shown = new Set(signals.flatMap((signal) => signal.exposures));
  const exposures = result.exposures.filter(
    (exposure) => shown.has(exposure.id) && (!onlyOpen || exposure.closedAt === null),
  );
  const kept = new Set(exposures.map((exposure) => exposure.id));
  return {
    ...result,
    // A signal never names an exposure that is not in the document.
    signals: signals.map((signal) => ({
      ...signal,
      exposures: signal.exposures.filter((id) => kept.has(id)),
    })),
    exposures,
  };
}
