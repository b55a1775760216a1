// The tests that mutation runs: what judges requests, in one process, without servers or sockets.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/mediate/**/*.test.ts'], environment: 'node', pool: 'threads', testTimeout: 60_000 },
});
