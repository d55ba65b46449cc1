import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * Three projects: `unit` needs nothing but Node, `integration` drives real local servers (embedded Postgres, in-process object
 * store), `docker` needs a Docker engine with the test images and is skipped loudly without one (failed under CI=true).
 */
const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  test: {
    root,
    environment: 'node',
    globalSetup: ['test/support/engine-check.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.integration.test.ts', 'test/**/*.docker.test.ts', 'node_modules'],
          sequence: { groupOrder: 1 }, // after the others, and on as many processors as there are
        },
      },
      {
        extends: true,
        test: { name: 'integration', include: ['test/**/*.integration.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 2 },
      },
      {
        extends: true,
        test: { name: 'docker', include: ['test/**/*.docker.test.ts'], testTimeout: 180_000, hookTimeout: 180_000, maxWorkers: 2 },
      },
    ],
  },
});
