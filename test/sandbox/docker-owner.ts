/** Run by a test as a separate process: starts a sandbox, prints its id, and waits to be killed. */
import { currentOwner } from '../../src/support/owner.ts';
import { makeDockerRuntime, postgres17 } from './docker-harness.ts';

const box = await makeDockerRuntime(process.argv[3]).start(
  {
    runId: process.argv[2] ?? '',
    drill: 'killed',
    owner: currentOwner(),
    leaseExpiresAt: new Date(Date.now() + 600_000),
    memoryBytes: 512 * 2 ** 20,
    cpus: 1,
    pids: 100,
    serverUser: 'postgres',
    ...postgres17,
  },
  new AbortController().signal,
);
process.stdout.write(`${box.id}\n`);
