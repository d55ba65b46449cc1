import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDockerRuntime } from '../../src/sandbox/docker/docker-runtime.ts';
import type { SandboxRuntime } from '../../src/sandbox/sandbox.ts';

/** Unique to this test process: test files run in parallel, and must not sweep what others leave dead on purpose. */
export const PROJECT = `firedrill-test-${process.pid}`;

export const makeDockerRuntime = (project: string = PROJECT): SandboxRuntime => createDockerRuntime({ project });

export const postgres17 = {
  image: 'firedrill-test/postgres:17',
  server: { engine: 'postgres', major: '17' },
  storage: 'volume',
} as const;

export function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8' }).trim();
}

/** What is left of a run on this machine, according to the docker client and the file system. */
export async function leftovers(runId: string): Promise<readonly string[]> {
  const label = `label=dev.firedrill.run=${runId}`;
  const containers = docker('ps', '-aq', '--filter', label).split('\n').filter(Boolean);
  const volumes = docker('volume', 'ls', '-q', '--filter', label).split('\n').filter(Boolean);
  return [...containers, ...volumes, ...hostDirsOf(runId)];
}

function hostDirsOf(runId: string): string[] {
  const root = process.env['XDG_RUNTIME_DIR'] ?? tmpdir();
  return readdirSync(root)
    .filter((name) => name.startsWith('fd-'))
    .map((name) => join(root, name))
    .filter((path) => readIdentity(path).includes(runId));
}

function readIdentity(path: string): string {
  try {
    return readFileSync(join(path, 'owner.json'), 'utf8');
  } catch {
    return '';
  }
}
