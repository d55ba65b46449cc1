import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** A Docker engine of its own, on a TCP port of the loopback: what an engine on another machine looks like from here. */
export interface SecondEngine {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** Copies an image from the machine's engine into this one. */
  load(image: string): void;
  run(...args: string[]): string;
  /** Ends it as a power loss would, or as its service manager does. */
  end(how: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts it again after {@link end}, on what it left. */
  startAgain(): Promise<void>;
  /** Ends it and everything it ran, and removes its data. */
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

export async function startSecondEngine(): Promise<SecondEngine> {
  // Not in TMPDIR: CI has an overlay there, which cannot hold the layers of an engine's images.
  const root = mkdtempSync('/tmp/second-engine-');
  const host = `tcp://127.0.0.1:${await freePort()}`;
  writeFileSync(`${root}/daemon.json`, '{}'); // not the machine's
  const containerd = await startContainerd(root);
  const bridge = addBridge();
  const startDaemon = () =>
    spawn(
      'dockerd',
      [
        ...['--host', host, '--tls=false', `--bridge=${bridge.name}`, '--iptables=false', '--ip-forward=false'],
        ...['--data-root', `${root}/data`, '--exec-root', `${root}/exec`, '--pidfile', `${root}/pid`],
        ...['--containerd', `${root}/c/c.sock`, '--config-file', `${root}/daemon.json`],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
  let daemon = startDaemon();
  const stop = async () => {
    await end(daemon, 'SIGTERM');
    endShims(root);
    await end(containerd, 'SIGTERM');
    bridge.remove();
    unmountBelow(root);
    rmSync(root, { recursive: true });
  };
  await said(daemon, /API listen on/).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const env = { ...process.env, DOCKER_HOST: host };
  const run = (...args: string[]) => execFileSync('docker', args, { env, encoding: 'utf8' }).trim();
  return {
    host,
    load: (image) =>
      void execFileSync('sh', ['-c', `docker save "$1" | DOCKER_HOST="$2" docker load`, 'sh', image, host], {
        stdio: 'ignore',
      }),
    run,
    end: (how) => end(daemon, how),
    startAgain: async () => {
      daemon = startDaemon();
      await said(daemon, /API listen on/);
    },
    stop,
  };
}

/**
 * An engine that is told to have no bridge deletes `docker0`, which is the machine's engine's; so it gets one of its own, in a network
 * for benchmarks (RFC 2544) that no machine is in.
 */
function addBridge(): { readonly name: string; remove(): void } {
  const name = `fd-test-${process.pid % 100_000}`;
  const ip = (...args: string[]) => void execFileSync('ip', args, { stdio: 'ignore' });
  ip('link', 'add', 'name', name, 'type', 'bridge');
  ip('address', 'add', '198.19.255.1/30', 'dev', name);
  ip('link', 'set', name, 'up');
  return { name, remove: () => ip('link', 'delete', name) };
}

/** Its own, with a short path: otherwise it would be started, and left, by the daemon. */
async function startContainerd(root: string): Promise<ChildProcess> {
  const child = spawn(
    'containerd',
    ['--address', `${root}/c/c.sock`, '--root', `${root}/c/root`, '--state', `${root}/c/state`],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  await said(child, /containerd successfully booted/);
  return child;
}

/** Reads on for good, so that the process never waits for somebody to take its log. */
async function said(child: ChildProcess, what: RegExp): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const lines: string[] = [];
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
  child.kill(signal);
  await once(child, 'exit');
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (!address || typeof address === 'string') throw new Error('no port');
  return address.port;
}
