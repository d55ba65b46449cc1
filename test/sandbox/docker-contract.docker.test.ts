import { describe, inject } from 'vitest';
import { describeSandboxContract } from '../contracts/sandbox-contract.ts';
import { leftovers, makeDockerRuntime, postgres17 } from './docker-harness.ts';

describe.skipIf(!inject('dockerAnswers'))('on a Docker engine', () => {
  describeSandboxContract('docker', {
    makeRuntime: makeDockerRuntime,
    request: postgres17,
    leftovers,
  });
});
