import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import Dockerode from 'dockerode';

/** A Docker engine with its own network, which this host reaches over TCP only: what an engine on another machine looks like from here. */
export interface SecondEngine extends AsyncDisposable {
  /** Value of DOCKER_HOST. */
  readonly host: string;
  /** Copies an image from the machine's engine into this one. */
  load(image: string): void;
  /** Runs the `docker` client against it. @returns what it prints. */
  run(...args: string[]): string;
  /** Keeps the volumes created from now on in a file system of this size, such as `32m`, until disposed of. */
  limitVolumes(size: string): Disposable;
  /** Stops it as a power loss would, or as its service manager does. */
  end(how: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts it again after {@link end}, with what it left. */
  startAgain(): Promise<void>;
  /** Resolves when it has removed the container, which it does by itself at some time after {@link startAgain}. */
  removed(id: string): Promise<void>;
  /** Stops it and everything that it ran, and removes its network and its data. The same as disposing it. */
  stop(): Promise<void>;
}

/** This requires root and a `dockerd`. */
export function canStartSecondEngine(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    execFileSync('dockerd', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const PORT = 2375;

export async function startSecondEngine(): Promise<SecondEngine> {
  // Not in TMPDIR: CI has an overlay there, which cannot hold the layers of an engine's images.
  const root = mkdtempSync('/tmp/fd-eng-');
  writeFileSync(`${root}/daemon.json`, '{}'); // instead of the machine's
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rmSync(root, { recursive: true }));
  undo.defer(() => unmountBelow(root));
  const containerd = await startContainerd(root);
  undo.defer(() => end(containerd, 'SIGTERM'));
  undo.defer(() => endShims(root));
  const link = addLink(root.replace('/tmp/', ''), containerd);
  undo.defer(link.remove);
  const host = `tcp://${link.address}:${PORT}`;
  let daemon = startDaemon(root, host, containerd);
  undo.defer(() => end(daemon, 'SIGTERM'));
  await said(daemon, READY);
  const disposal = undo.move();
  const stop = () => disposal.disposeAsync();
  const env = { ...process.env, DOCKER_HOST: host };
  return {
    host,
    load: (image) =>
      void execFileSync('sh', ['-c', `docker save "$1" | DOCKER_HOST="$2" docker load`, 'sh', image, host], {
        stdio: 'ignore',
      }),
    run: (...args) => execFileSync('docker', args, { env, encoding: 'utf8' }).trim(),
    limitVolumes: (size) => {
      const volumes = `${root}/data/volumes`;
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', volumes]);
      return { [Symbol.dispose]: () => void execFileSync('umount', [volumes]) };
    },
    end: (how) => end(daemon, how),
    startAgain: async () => {
      daemon = startDaemon(root, host, containerd);
      await said(daemon, READY);
    },
    removed: async (id) => {
      const docker = new Dockerode({ protocol: 'http', host: link.address, port: PORT });
      const waiting: Promise<unknown> = docker.getContainer(id).wait({ condition: 'removed' });
      await waiting.catch((error: { readonly statusCode?: number }) => {
        if (error.statusCode !== 404) throw error;
      });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const READY = /API listen on/;

/** Runs in containerd's network: an engine without a bridge deletes any `docker0`, which in the host's network belongs to the machine's engine. */
function startDaemon(root: string, host: string, { pid }: ChildProcess): ChildProcess {
  return spawn(
    'nsenter',
    [
      ...[`--net=/proc/${pid}/ns/net`, 'dockerd', '--host', host, '--tls=false'],
      ...['--bridge=none', '--iptables=false', '--ip-forward=false'],
      ...['--data-root', `${root}/data`, '--exec-root', `${root}/exec`, '--pidfile', `${root}/pid`],
      ...['--containerd', `${root}/c/c.sock`, '--config-file', `${root}/daemon.json`],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
}

/** Runs in a new network, which ends with it. Started here, with a short path: otherwise the daemon would start it, and leave it running. */
async function startContainerd(root: string): Promise<ChildProcess> {
  const paths = ['--address', `${root}/c/c.sock`, '--root', `${root}/c/root`, '--state', `${root}/c/state`];
  const child = spawn('unshare', ['--net', 'containerd', ...paths], { stdio: ['ignore', 'ignore', 'pipe'] });
  await said(child, /containerd successfully booted/);
  return child;
}

/**
 * Creates a veth link between the host and the network of a process. Its two addresses are from the benchmark networks
 * (RFC 2544), which no machine uses, chosen by the interface index of the host's end, so that two engines stay apart.
 * @param name of the host's end.
 */
function addLink(name: string, { pid }: ChildProcess): { readonly address: string; remove(): void } {
  const ip = (...args: string[]) => void execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const inside = (...args: string[]) =>
    void execFileSync('nsenter', [`--net=/proc/${pid}/ns/net`, 'ip', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  ip('link', 'add', 'name', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
  const number = Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8')) % 2 ** 15;
  const [here, there] = [1, 2].map(
    (last) => `198.${18 + (number >> 14)}.${(number >> 6) & 255}.${((number & 63) << 2) + last}`,
  );
  ip('address', 'add', `${here}/30`, 'dev', name);
  ip('link', 'set', name, 'up');
  inside('link', 'set', 'lo', 'up');
  inside('address', 'add', `${there}/30`, 'dev', 'eth0');
  inside('link', 'set', 'eth0', 'up');
  return { address: String(there), remove: () => ip('link', 'delete', name) };
}

/** Keeps reading, so that the process never blocks on its log. */
async function said(child: ChildProcess, what: RegExp): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const lines: string[] = [];
  child.once('error', reject);
  child.once('exit', () => reject(new Error(`it ended: ${lines.join('\n')}`)));
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.splice(0, lines.length - 5, line);
      if (what.test(line)) resolve();
    });
  }
  await promise;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/** The shims of containers outlive a killed engine; they are found by the address on their command line, which contains our directory. */
function endShims(root: string): void {
  const list = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  for (const line of list.filter((each) => each.includes('containerd-shim') && each.includes(root))) {
    process.kill(Number.parseInt(line, 10), 'SIGKILL');
  }
}

function unmountBelow(root: string): void {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  for (const path of mounts.filter((each) => each.startsWith(root)).reverse()) execFileSync('umount', ['-l', path]);
}
