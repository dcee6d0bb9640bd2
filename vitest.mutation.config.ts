import { defineConfig } from 'vitest/config';

// The tests that mutants are tried with: fast, and the same in every run.
export default defineConfig({
  test: {
    include: ['src/{normalize,detect,track}/**/*.test.ts', 'test/scenarios/**/*.test.ts'],
  },
});
