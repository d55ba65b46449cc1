import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processesOf } from '../sandbox/local-leftovers.ts';

/** Whose leftovers to look for: other tests, and other users, use the same machine at the same time. */
export interface LeakScope {
  /** TMPDIR of the processes that ran. */
  readonly temporary: string;
  /** Runs whose ids are known. */
  readonly runIds: readonly string[];
  /** Drills, for runs that were killed before they could report their ids. */
  readonly drills: readonly string[];
  readonly docker: boolean;
}

/**
 * Everything that a run may leave on this machine: files and sockets in its directory for temporary files, directories
 * of sandboxes elsewhere, processes running in them, containers, volumes, networks.
 * @returns one line for each item, sorted; empty when nothing is left. The difference to an earlier call is the leak.
 */
export async function findLeftovers(scope: LeakScope): Promise<readonly string[]> {
  const files = (await readdir(scope.temporary)).map((name) => `file ${join(scope.temporary, name)}`);
  const sandboxes = (await Promise.all(['/tmp', '/dev/shm'].map((root) => sandboxesIn(root, scope)))).flat();
  const homes = [scope.temporary, ...sandboxes.map((line) => line.slice('box '.length))];
  const processes = (await Promise.all(homes.map(processesOf))).flat().map((line) => `process ${line}`);
  return [...files, ...sandboxes, ...processes, ...(scope.docker ? inEngine(scope) : [])].sort();
}

async function sandboxesIn(root: string, { runIds, drills }: LeakScope): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(root).catch(() => [])) {
    if (!/^(fd|fdlocal)-/.test(name)) continue;
    const owner = await readFile(join(root, name, 'owner.json'), 'utf8').catch(() => '');
    if ([...runIds, ...drills].some((id) => owner.includes(`"${id}"`))) found.push(`box ${join(root, name)}`);
  }
  return found;
}

function inEngine({ runIds, drills }: LeakScope): string[] {
  const labels = [...runIds.map((id) => `dev.firedrill.run=${id}`), ...drills.map((id) => `dev.firedrill.drill=${id}`)];
  const kinds = { container: ['ps', '-aq'], volume: ['volume', 'ls', '-q'], network: ['network', 'ls', '-q'] };
  const found = Object.entries(kinds).flatMap(([kind, argv]) =>
    labels.flatMap((label) =>
      execFileSync('docker', [...argv, '--filter', `label=${label}`], { encoding: 'utf8' })
        .split('\n')
        .filter(Boolean)
        .map((id) => `${kind} ${id}`),
    ),
  );
  return [...new Set(found)];
}
