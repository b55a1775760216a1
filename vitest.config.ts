// How tests run: real processes and sockets, so each file in a process of its own, and room in the time limits.
import { configDefaults, defineConfig } from 'vitest/config';

/** Rooms whose tests start no process and leave nothing behind: they share worker processes, which saves each file the start of one. */
const together = [
  'test/{identify,mediate,wire}/**/*.test.ts',
  ...['fresh', 'strings', 'text'].map((name) => `test/renderer/${name}.test.ts`),
];

export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A condition is waited for as long as a loaded machine may need to reach it.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      { extends: true, test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: [...configDefaults.exclude, ...together] } },
      { extends: true, test: { name: 'together', include: together, isolate: false } },
    ],
    reporters: ['default', './test/support/tally.ts'],
  },
});
