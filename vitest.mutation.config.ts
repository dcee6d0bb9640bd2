import { defineConfig } from 'vitest/config';

// The tests that mutants are tried with: fast, and the same in every run. Those that measure time, or
// try a hundred thousand texts, would take longer than all the others together.
export default defineConfig({
  test: {
    include: ['src/{normalize,detect,track,query}/**/*.test.ts', 'test/scenarios/**/*.test.ts'],
    testNamePattern:
      /^(?!.*(?:twice the text|100,000 texts|any text parses|take time in proportion))/,
  },
});
