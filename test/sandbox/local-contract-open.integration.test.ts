import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { ALL_ENGINES } from '../../src/engines/registry.ts';
import { createLocalRuntime } from '../../src/sandbox/local/runtime.ts';
import { describeSandboxContract } from '../contracts/sandbox-contract.ts';
import { localLeftovers } from './local-leftovers.ts';

/** Separate from other files' sandboxes, so that their sweeps do not remove what is left dead here on purpose. */
const dataRoot = mkdtempSync(join(tmpdir(), 'fdt-'));

beforeAll(() => chmod(dataRoot, 0o711));

afterAll(() => {
  expect(readdirSync(dataRoot)).toEqual([]);
  rmdirSync(dataRoot);
});

describeSandboxContract('local (without namespaces)', {
  makeRuntime: () => createLocalRuntime({ engines: ALL_ENGINES, dataRoot, seals: ['open'] }),
  request: { image: 'ignored', server: { engine: 'postgres', major: '15' }, storage: 'volume' },
  leftovers: (runId) => localLeftovers(runId, [dataRoot]),
});
