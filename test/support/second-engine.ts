import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A Docker engine with a network of its own, which this host reaches by TCP only: what an engine on another machine looks like from here. */
export interface SecondEngine extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** Copies an image from the machine's engine into this one. */
  load(image: string): void;
  /** Runs the `docker` client against it. @returns what it prints. */
  run(...args: string[]): string;
  /** Ends it as a power loss would, or as its service manager does. */
  end(how: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts it again after {@link end}, on what it left. */
  startAgain(): Promise<void>;
  /** Ends it and everything it ran, and removes its network and its data. The same as to dispose of it. */
  stop(): Promise<void>;
}

/** It takes root and a `dockerd`. */
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
  writeFileSync(`${root}/daemon.json`, '{}'); // not the machine's
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
    end: (how) => end(daemon, how),
    startAgain: async () => {
      daemon = startDaemon(root, host, containerd);
      await said(daemon, READY);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const READY = /API listen on/;

/** In containerd's network: an engine without a bridge deletes `docker0` where it is, which in the host's network is the machine's engine's. */
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

/** In a new network, which ends with it. It is started here, with a short path: otherwise it would be started, and left, by the daemon. */
async function startContainerd(root: string): Promise<ChildProcess> {
  const paths = ['--address', `${root}/c/c.sock`, '--root', `${root}/c/root`, '--state', `${root}/c/state`];
  const child = spawn('unshare', ['--net', 'containerd', ...paths], { stdio: ['ignore', 'ignore', 'pipe'] });
  await said(child, /containerd successfully booted/);
  return child;
}

/**
 * Lays a cable between the host and the network that a process is in. Its two addresses are of the networks for benchmarks (RFC 2544), where no
 * machine is, by the number that this host has given to its end, so that two engines do not meet.
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

/** Reads on for good, so that the process never waits for somebody to take its log. */
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

/** What runs the containers outlives a killed engine; found by the address on its command line, which holds our directory. */
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
