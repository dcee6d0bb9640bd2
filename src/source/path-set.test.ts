import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { PathSet } from './path-set.ts';

it('answers as a set of strings does', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 })), (paths) => {
      const fast = new PathSet();
      const plain = new Set<string>();
      for (const path of paths) {
        expect(fast.add(path)).toBe(!plain.has(path));
        plain.add(path);
      }
    }),
  );
});

it('knows tens of thousands of paths that differ in little', () => {
  const set = new PathSet();
  const paths = Array.from({ length: 10_000 }, (_, index) => `/logs/2026/03/01/file-${index}.json`);
  expect(paths.every((path) => set.add(path))).toBe(true);
  expect(paths.some((path) => set.add(path))).toBe(false);
});
