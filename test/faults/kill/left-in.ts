import { execFileSync } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import type { KillWorkspace } from './kill-workspace.ts';

/** Directories for sandboxes that cannot or should not be below TMPDIR: its path is too long for a socket, or they are in memory. */
const ELSEWHERE = ['/tmp', '/dev/shm'];

/**
 * Everything on this machine that processes of the workspace created and did not remove: files, processes that run there in any
 * namespace, mounts, containers, volumes, networks.
 * @param except owner whose own things do not count: their names and labels say whose they are.
 */
export async function leftIn(workspace: KillWorkspace, except?: string): Promise<readonly string[]> {
  const { temporary, directory, project } = workspace;
  const owners = workspace.owners.filter((owner) => owner !== except);
  const inTemporary = (await readdir(temporary)).filter(
    (name) => except === undefined || !name.includes(`-${except}-`),
  );
  const outside = (await Promise.all(ELSEWHERE.map((root) => sandboxesOf(owners, root)))).flat();
  const processes = (await livingIn([temporary, ...outside])).filter((line) => !line.includes(`/fdlocal-${except}-`));
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .filter((line) => line.includes(directory));
  return [
    ...inTemporary.map((name) => `file ${name}`),
    ...outside.map((path) => `box ${path}`),
    ...processes.map((line) => `process ${line.slice(0, 300)}`),
    ...mounts.map((line) => `mount ${line}`),
    ...(project === undefined ? [] : inEngine(project, except)),
  ];
}

/** Processes whose working directory or command line names one of these: read only once, since some may be ending. */
async function livingIn(directories: readonly string[]): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => {
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // it has ended in the meantime
      return `${pid} in ${cwd}: ${command.replaceAll('\0', ' ')}`;
    }),
  );
  return lines.filter((line) => directories.some((directory) => line.includes(directory)));
}

async function sandboxesOf(owners: readonly string[], root: string): Promise<readonly string[]> {
  const names = await readdir(root).catch(() => []);
  const isTheirs = (name: string) =>
    owners.some((owner) => name.startsWith(`fdlocal-${owner}-`) || name.startsWith(`fd-${owner}-`));
  return names.filter(isTheirs).map((name) => `${root}/${name}`);
}

function inEngine(project: string, except: string | undefined): readonly string[] {
  const kinds = { container: ['ps', '--all'], volume: ['volume', 'ls'], network: ['network', 'ls'] };
  return Object.entries(kinds).flatMap(([kind, argv]) => {
    const id = kind === 'volume' ? '{{.Name}}' : '{{.ID}}';
    const format = `${id} {{.Label "dev.firedrill.owner"}}`;
    return execFileSync('docker', [...argv, '--filter', `label=dev.firedrill.project=${project}`, '--format', format], {
      encoding: 'utf8',
    })
      .split('\n')
      .filter((line) => line !== '' && (except === undefined || !`${line}/`.includes(`/${except.replace('-', '/')}/`)))
      .map((line) => `${kind} ${line}`);
  });
}
