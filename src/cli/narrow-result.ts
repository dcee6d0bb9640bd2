// Narrows what a scan shows: by severity, and to what is still open. Counts of what was read stay.

import { severities, type Exposure, type Severity } from '../model/exposure.ts';
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
  const counted = narrowSuppressed(result, isShown, onlyOpen, listSuppressed);
  if (least === null && !onlyOpen) return counted;
  const signals = result.signals.filter(isShown);
  const shown = new Set(signals.flatMap((signal) => signal.exposures));
  const exposures = listed(result.exposures, onlyOpen).filter(({ id }) => shown.has(id));
  const ids = new Set(exposures.map(({ id }) => id));
  return {
    ...counted,
    signals: signals.map((signal) => naming(signal, ids)),
    exposures,
  };
}

function listed(exposures: readonly Exposure[], onlyOpen: boolean): readonly Exposure[] {
  return onlyOpen ? exposures.filter(({ closedAt }) => closedAt === null) : exposures;
}

/** A signal never names an exposure that is not in the document. */
function naming(signal: Signal, ids: ReadonlySet<string>): Signal {
  return { ...signal, exposures: signal.exposures.filter((id) => ids.has(id)) };
}

function narrowSuppressed(
  { suppressed: all, ...rest }: ScanResult,
  isShown: (signal: Signal) => boolean,
  onlyOpen: boolean,
  listSuppressed: boolean,
): ScanResult {
  const hidden = (all?.hidden ?? [])
    .filter(({ signal }) => isShown(signal))
    .map(({ signal, exposures: found, ...why }) => {
      const exposures = listed(found, onlyOpen);
      const ids = new Set(exposures.map(({ id }) => id));
      return { signal: naming(signal, ids), exposures, ...why };
    });
  if (hidden.length === 0) return rest;
  const { signals, exposures } = suppressed(hidden);
  const list = listSuppressed ? { hidden } : {};
  return { ...rest, suppressed: { signals, exposures, ...list } };
}
