import { readdir, readFile, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What is left of a local sandbox on this machine.
 * @returns sandbox directories whose owner file names the run, and processes that run in them or name them.
 */
export async function localLeftovers(
  runId: string,
  roots = ['/dev/shm', '/tmp', tmpdir()],
): Promise<readonly string[]> {
  const sandboxes: string[] = [];
  for (const root of new Set(roots)) {
    for (const name of await readdir(root)) {
      const path = join(root, name);
      if (name.startsWith('fdlocal-') && (await readText(join(path, 'owner.json'))).includes(`"${runId}"`))
        sandboxes.push(path);
    }
  }
  const processes = (await Promise.all(sandboxes.map(processesOf))).flat();
  return [...sandboxes, ...processes];
}

/** @returns processes on this machine that name `text` in their command line or have their working directory below it. */
export async function processesOf(text: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = (await readText(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ');
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    if (command.includes(text) || cwd.includes(text)) found.push(`${pid} ${command}`);
  }
  return found;
}

/**
 * @param earlier segments from before these processes: one whose creator is long gone may name a pid that has been reused.
 * @returns ids of the System V shared memory segments of this machine that one of these processes made (proc_sysvipc(5)).
 */
export async function sharedMemoryOf(
  processes: readonly string[],
  earlier: ReadonlySet<string>,
): Promise<readonly string[]> {
  const makers = new Set(processes.map((line) => String(Number.parseInt(line, 10))));
  const segments = await readSegments();
  return segments.filter(({ id, maker }) => makers.has(maker) && !earlier.has(id)).map(({ id }) => id);
}

/** @returns ids of all segments that exist now. */
export async function sharedMemoryNow(): Promise<ReadonlySet<string>> {
  return new Set((await readSegments()).map(({ id }) => id));
}

async function readSegments(): Promise<readonly { readonly id: string; readonly maker: string }[]> {
  const [, ...rows] = (await readText('/proc/sysvipc/shm')).trim().split('\n');
  return rows.map((row) => {
    const [, id = '', , , maker = ''] = row.trim().split(/\s+/);
    return { id, maker };
  });
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
