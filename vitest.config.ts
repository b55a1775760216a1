// How tests run: real processes and sockets, so each file in a process of its own, and room in the time limits.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A condition is waited for as long as a loaded machine may need to reach it.
    expect: { poll: { timeout: 15_000 } },
    reporters: ['default', './test/support/tally.ts'],
  },
});
