import { defineConfig } from 'vitest/config';

// What takes minutes of a whole machine, or measures time, has the machine to itself.
const alone = [
  'test/package/**/*.test.ts',
  'test/launcher/**/*.test.ts',
  'test/faults/**/*.test.ts',
];

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'wide',
          include: ['test/**/*.test.ts'],
          exclude: alone,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'alone',
          include: alone,
          fileParallelism: false,
          testTimeout: 580_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
