import { createLocalRuntime } from '../../src/sandbox/local/runtime.ts';
import { describeSandboxContract } from '../contracts/sandbox-contract.ts';
import { localLeftovers } from './local-leftovers.ts';

const request = { image: 'ignored', server: { engine: 'postgres', major: '15' }, storage: 'volume' as const };

describeSandboxContract('local', {
  makeRuntime: () => createLocalRuntime(),
  request,
  leftovers: localLeftovers,
});
