// What all sources have in common that look for themselves: each call of `deliveries` is a run of its
// own, which knows from the run before only what was kept in checkpoints.

import type { Delivery, DeliverySource } from '../ports.ts';
import { gather, type Put } from './gather.ts';

/** One run of a source. */
export type SourceRun = {
  /** Looks and hands out until it is told to end. */
  run(): Promise<void>;
  /** As `DeliverySource` says. */
  lagSeconds(): number | null;
};

export function polledSource(
  name: string,
  start: (put: Put<Delivery>, signal: AbortSignal) => SourceRun,
): DeliverySource {
  let latest: SourceRun | undefined;
  return {
    name,
    deliveries: (signal) =>
      gather<Delivery>(signal, async (put, stopping) => {
        latest = start(put, stopping);
        await latest.run();
      }),
    lagSeconds: () => latest?.lagSeconds() ?? null,
  };
}
