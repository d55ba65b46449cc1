import Docker from 'dockerode';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    dockerAnswers: boolean;
  }
}

/** Checks once whether a Docker engine responds, informs every test file, and prints prominently what is skipped without one. */
export default async function setup(project: TestProject): Promise<void> {
  const answers = await dockerAnswers();
  project.provide('dockerAnswers', answers);
  if (answers) return;
  if (process.env['CI'] === 'true')
    throw new Error('no Docker engine answers, and under CI=true the Docker tests must run');
  process.stderr.write(
    '\nSKIPPED: no Docker engine answers, so no *.docker.test.ts runs. Start one (as root: dockerd), run `npm run images`, then `npm test` again.\n\n',
  );
}

async function dockerAnswers(): Promise<boolean> {
  try {
    await new Docker().ping();
    return true;
  } catch {
    return false; // refused or absent makes no difference to a test run
  }
}
