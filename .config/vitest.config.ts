import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from '../test/support/longest-first.ts';
import { INTEGRATION_TIMEOUT_MS, UNIT_TIMEOUT_MS } from '../test/support/timeouts.ts';

/**
 * Three projects: `unit` starts no process and opens no socket, which its setup file enforces; `integration` drives real local servers and
 * processes; `docker` needs a Docker engine with the test images and is skipped loudly without one (failed under CI=true).
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const patient = { testTimeout: INTEGRATION_TIMEOUT_MS, hookTimeout: INTEGRATION_TIMEOUT_MS };

/**
 * On two processors: much of what these tests do is to wait for servers. Two at once leave 40 % of both idle; by calculation three leave 18 %, four
 * 6 %. Projects whose numbers of workers differ have to run one after the other (`groupOrder`).
 */
const WORKERS_WITH_SERVERS = 4;

/** What starts processes starts the program, too. */
const globalSetup = ['test/support/build-program.ts'];

export default defineConfig({
  root,
  test: {
    root,
    environment: 'node',
    globalSetup: ['test/support/engine-check.ts'],
    setupFiles: ['test/support/property-seed.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.integration.test.ts', 'test/**/*.docker.test.ts', 'node_modules'],
          setupFiles: ['test/support/unit-setup.ts'],
          testTimeout: UNIT_TIMEOUT_MS,
          hookTimeout: UNIT_TIMEOUT_MS,
          isolate: false, // no module keeps state, and loading them anew for each file takes longer than the tests
          sequence: { groupOrder: 1 }, // after the others, and on as many processors as there are
        },
      },
      { extends: true, test: { name: 'integration', globalSetup, include: ['test/**/*.integration.test.ts'], ...patient, maxWorkers: WORKERS_WITH_SERVERS } },
      { extends: true, test: { name: 'docker', globalSetup, include: ['test/**/*.docker.test.ts'], ...patient, maxWorkers: WORKERS_WITH_SERVERS } },
    ],
  },
});
