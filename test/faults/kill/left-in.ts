import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { processesOf } from '../../sandbox/local-leftovers.ts';
import type { KillWorkspace } from './kill-workspace.ts';

/**
 * Everything on this machine that processes of the workspace made and did not remove: files below TMPDIR, processes that live there, in
 * whatever namespace, mounts, containers, volumes, networks.
 * @param except the process whose own things do not count: their names say whose they are.
 */
export async function leftIn(workspace: KillWorkspace, except: number | undefined): Promise<readonly string[]> {
  const { temporary, directory, project } = workspace;
  const isOwn = (name: string) => except !== undefined && name.includes(`-${except}-`);
  const files = (await readdir(temporary)).filter((name) => !isOwn(name)).map((name) => `file ${name}`);
  const own = new Set(except === undefined ? [] : await processesOf(`${temporary}/fdlocal-${except}-`));
  const processes = (await processesOf(temporary)).filter((line) => !own.has(line)).map((line) => `process ${line}`);
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .filter((line) => line.includes(directory))
    .map((line) => `mount ${line}`);
  return [...files, ...processes, ...mounts, ...(project === undefined ? [] : inEngine(project, except))];
}

function inEngine(project: string, except: number | undefined): readonly string[] {
  const kinds = { container: ['ps', '--all'], volume: ['volume', 'ls'], network: ['network', 'ls'] };
  return Object.entries(kinds).flatMap(([kind, argv]) => {
    const id = kind === 'volume' ? '{{.Name}}' : '{{.ID}}';
    const format = `${id} {{.Label "dev.firedrill.owner"}}`;
    return execFileSync('docker', [...argv, '--filter', `label=dev.firedrill.project=${project}`, '--format', format], {
      encoding: 'utf8',
    })
      .split('\n')
      .filter((line) => line !== '' && !line.includes(`/${except}/`))
      .map((line) => `${kind} ${line}`);
  });
}
