import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SandboxDirectories } from './directories.ts';
import { ownRootScript } from './own-root.ts';
import { type ProcessEntry, readProcess, runTool, SYSTEM_PATH, signalProcesses } from './processes.ts';
import type { ServerUser } from './server-user.ts';

/**
 * Isolation levels from the host, strongest first. `own-root`: namespaces for network, processes, IPC and files; `own-network`: the same
 * without files, where mounting is forbidden; `open`: none (macOS, most pods).
 */
export const SEALS = ['own-root', 'own-network', 'open'] as const;
export type Seal = (typeof SEALS)[number];

/**
 * The process that keeps a sandbox's namespaces alive: `cat` as process 1, reading a pipe from us. When we end, even by a crash, the pipe
 * closes, cat exits, and the kernel cleans up everything in the sandbox: processes, mounts, System V shared memory.
 */
export interface Holder {
  readonly seal: Seal;
  /** As seen from outside the sandbox. */
  readonly process: ProcessEntry;
  /** Resolves once the holder, and with it (unless `open`) every process in the sandbox, has ended. */
  readonly ended: Promise<void>;
  /** The argv prefix that runs a command in the sandbox. */
  enter(): readonly string[];
  /** Lets the holder end. */
  release(): void;
  /** Kills the holder, for when releasing it is not enough. */
  kill(): void;
}

export interface HolderPlan {
  readonly directories: SandboxDirectories;
  readonly user: ServerUser;
  readonly installRoots: readonly string[];
}

/** Starts a holder with exactly this isolation. Rejects with the system's own message if it is not permitted; leaves nothing behind. */
export async function startHolder(plan: HolderPlan, seal: Seal, signal: AbortSignal): Promise<Holder> {
  signal.throwIfAborted();
  const [file = '/bin/sh', ...args] = holderCommand(plan, seal);
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: plan.directories.roots[0], // so that the holder, too, is found by its directory
    env: { PATH: SYSTEM_PATH, LC_ALL: 'C' },
    detached: true, // Ctrl-C in a terminal signals the whole foreground group; the sandbox must not end from it
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', () => resolve()));
  child.stdin.on('error', () => child.kill('SIGKILL')); // the holder has exited; `ended` reports it
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  try {
    const pid = await readReady(child);
    const entry =
      process.platform === 'linux' ? readProcess(pid) : { pid, parentPid: process.pid, groupId: pid, startTicks: '' };
    if (!entry) throw new Error('it ended as soon as it had started');
    const holder: Holder = {
      seal,
      process: entry,
      ended,
      enter: () => enterCommand(plan.user, seal, pid),
      release: () => child.stdin.end(),
      // Kill the parent first, because it waits for the holder; the kernel then kills the holder, too (--kill-child).
      kill: () => {
        kill();
        signalProcesses([entry], 'SIGKILL');
      },
    };
    if (seal !== 'open') await tryEntering(holder);
    return holder;
  } catch (error) {
    kill();
    await ended;
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

function holderCommand({ directories, user, installRoots }: HolderPlan, seal: Seal): readonly string[] {
  // /proc is still the host's here, so this is the holder's pid as seen from outside.
  const identify = seal === 'open' ? 'pid=$$' : 'read -r pid rest < /proc/self/stat';
  const script = [
    identify,
    seal === 'open' ? '' : 'ip link set lo up 2>/dev/null || :', // some servers connect to themselves over loopback
    seal === 'own-root' ? ownRootScript(directories, installRoots, user) : '',
    'echo "ready $pid"',
    // Process 1 inherits the sandbox's orphans; ignoring SIGCHLD reaps them. Not every shell's trap survives exec.
    'env --ignore-signal=CHLD true 2> /dev/null && exec env --ignore-signal=CHLD cat > /dev/null',
    "trap '' CHLD",
    'exec cat > /dev/null',
  ].join('\n');
  if (seal === 'open') return ['/bin/sh', '-c', script];
  return [
    findTool('unshare'),
    ...(process.getuid?.() === 0 ? [] : ['--user', '--map-current-user', '--keep-caps']),
    ...['--net', '--ipc', '--pid', '--fork', '--kill-child'],
    ...(seal === 'own-root' ? ['--mount'] : []),
    ...['--', '/bin/sh', '-c', script],
  ];
}

function enterCommand(user: ServerUser, seal: Seal, pid: number): readonly string[] {
  const setpriv = seal === 'open' ? tryTool('setpriv') : findTool('setpriv');
  const isRoot = process.getuid?.() === 0;
  const nsenter = () => [
    ...[findTool('nsenter'), '--target', String(pid), '--net', '--ipc', '--pid'],
    ...(seal === 'own-root' ? ['--mount'] : []),
    ...(isRoot ? [] : ['--user', '--preserve-credentials']),
    '--',
  ];
  const switchUser = user.switched ? ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'] : [];
  return [
    ...(seal === 'open' ? [] : nsenter()),
    ...(setpriv
      ? [setpriv, ...switchUser, '--no-new-privs', '--inh-caps=-all', ...(isRoot ? ['--bounding-set=-all'] : []), '--']
      : []),
  ];
}

/** Entering namespaces may be forbidden even if creating them is allowed. Checks this now rather than in the middle of a restore. */
async function tryEntering(holder: Holder): Promise<void> {
  const [file = '', ...args] = holder.enter();
  await runTool(file, [...args, '/bin/sh', '-c', ':']);
}

/** @returns the pid that the holder's script prints. Rejects with its stderr when it exits before that. */
async function readReady(child: ChildProcess): Promise<number> {
  const errors: string[] = [];
  if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const lines = child.stdout ? createInterface({ input: child.stdout }) : undefined;
  const ready = new Promise<number>((resolve, reject) => {
    lines?.on('line', (line) => resolve(Number(/^ready (\d+)$/.exec(line)?.[1])));
    child.once('error', reject);
    child.once('close', () => reject(new Error(errors.join('; ') || 'it ended before it was ready')));
  });
  return ready;
}

function findTool(name: string): string {
  const found = tryTool(name);
  if (!found) throw new Error(`${name} is not installed`);
  return found;
}

function tryTool(name: string): string | undefined {
  return SYSTEM_PATH.split(':')
    .map((directory) => join(directory, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
