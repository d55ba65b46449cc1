import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Three projects: `unit` needs nothing but Node, `parts` drives real local servers (embedded Postgres, in-process object
 * store), `docker` needs a Docker engine with the test images and is skipped loudly without one (failed under CI=true).
 */
const root = fileURLToPath(new URL('..', import.meta.url));

/** By their size, which is what the runner goes by, these would begin late, and one processor would wait for their end. */
const LONG = ['test/e2e/sakila.docker.test.ts', 'test/faults/kill-matrix.parts.test.ts'];

/** In each project the longest first. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((name) => moduleId.endsWith(name));
    const projects = Map.groupBy(await super.sort(files), ({ project }) => project.name);
    return [...projects.values()].flatMap((own) => [...own.filter(isLong), ...own.filter((file) => !isLong(file))]);
  }
}

export default defineConfig({
  root,
  test: {
    root,
    environment: 'node',
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/support/engine-check.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.parts.test.ts', 'test/**/*.docker.test.ts', 'node_modules'],
          sequence: { groupOrder: 1 }, // after the others, and on as many processors as there are
        },
      },
      {
        extends: true,
        test: { name: 'parts', include: ['test/**/*.parts.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 2 },
      },
      {
        extends: true,
        test: { name: 'docker', include: ['test/**/*.docker.test.ts'], testTimeout: 180_000, hookTimeout: 180_000, maxWorkers: 2 },
      },
    ],
  },
});
