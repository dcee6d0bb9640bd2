import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compileKernel } from '../../scripts/build-kernel.ts';

it('is what its source compiles to', async () => {
  const committed = readFileSync(new URL('kernel-wasm.ts', import.meta.url), 'utf8');
  expect(await compileKernel()).toBe(committed);
});
