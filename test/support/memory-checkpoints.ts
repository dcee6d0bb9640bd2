// Checkpoints in memory, as JSON text, as a store would keep them.

import type { JsonObject } from '../../src/model/json.ts';
import type { Checkpoints } from '../../src/ports.ts';

export type MemoryCheckpoints = Checkpoints & {
  /** The text of each, by its name. */
  readonly kept: ReadonlyMap<string, string>;
  /** How often something was kept. */
  readonly saves: () => number;
  /** From now on, keeping throws, or does so no more. */
  fail(isFailing: boolean): void;
};

export function memoryCheckpoints(): MemoryCheckpoints {
  const kept = new Map<string, string>();
  let saves = 0;
  let isBroken = false;
  return {
    kept,
    saves: () => saves,
    fail(isFailing) {
      isBroken = isFailing;
    },
    async load(name) {
      const text = kept.get(name);
      return text === undefined ? null : (JSON.parse(text) as JsonObject);
    },
    async save(name, value) {
      saves += 1;
      if (isBroken) throw new Error('the disk is full.');
      kept.set(name, JSON.stringify(value));
    },
  };
}
