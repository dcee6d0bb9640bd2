// Files of a folder handed out one after another at an even pace, as if they were delivered now. It has
// an end, remembers nothing, and is for showing things.

import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock, Delivery, DeliverySource } from '../ports.ts';
import { sleep } from './pause.ts';
import { compareText } from '../model/compare-text.ts';

export type ReplaySourceOptions = {
  readonly name: string;
  readonly folder: string;
  /** How long all of it takes. */
  readonly durationMs: number;
  readonly clock?: Clock;
};

export function createReplaySource({
  name,
  folder,
  durationMs,
  clock = Date.now,
}: ReplaySourceOptions): DeliverySource {
  return {
    name,
    async *deliveries(signal) {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const paths = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        // CloudTrail's file names say when they were written.
        .toSorted((a, b) => compareText(timeIn(a), timeIn(b)) || compareText(a, b));
      for (const path of paths) {
        await sleep(durationMs / paths.length, signal);
        if (signal.aborted) return;
        yield deliveryOf(path, clock());
      }
    },
    lagSeconds: () => null,
  };
}

function deliveryOf(path: string, receivedMs: number): Delivery {
  return {
    id: path,
    name: path,
    attempt: 1,
    receivedMs,
    parts: [{ name: path, read: (signal) => createReadStream(path, { signal }) }],
    body: () => path,
    acknowledge: () => Promise.resolve(),
    giveBack: () => Promise.resolve(),
  };
}

function timeIn(path: string): string {
  return /_(\d{8}T\d{4}Z)_/.exec(basename(path))?.[1] ?? '';
}
