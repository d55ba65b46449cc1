import { chmod, rename } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { DrillError } from '../../support/errors.ts';
import { type NetworkAccess, type NetworkTarget, nameTarget } from '../../support/network-access.ts';

const CONNECT_TIMEOUT_MS = 15_000;
/** Maximum number of concurrent connections per target; more are refused. */
const CONNECTIONS = 256;

/**
 * The only way out of a sandbox without a network: one Unix socket per target in the directory shared with this host. This process accepts connections there
 * and connects to exactly that target, so nothing else is reachable, whatever runs in the sandbox.
 */
export interface Egress extends AsyncDisposable {
  /** Names of the sockets in the directory, in the order of the targets. */
  readonly sockets: readonly string[];
}

/**
 * @param directory shared with the sandbox; its parent is private to this process.
 * @throws DrillError `sandbox-refused` for a target that this machine cannot reach, or the signal's reason.
 */
export async function openEgress(directory: string, { allow }: NetworkAccess, signal: AbortSignal): Promise<Egress> {
  await Promise.all(allow.map((target) => probe(target, signal)));
  await using opened = new AsyncDisposableStack();
  const sockets: string[] = [];
  for (const [index, target] of allow.entries()) {
    const name = `.allow-${index}`;
    opened.use(await listen(join(directory, name), target));
    sockets.push(name);
  }
  const kept = opened.move();
  return { sockets, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Otherwise a program in the sandbox would only see its connection close. */
async function probe(target: NetworkTarget, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const socket = connect({ ...target, signal });
  try {
    await connected(socket);
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    throw new DrillError('sandbox-refused', `${nameTarget(target)} cannot be reached from this machine: ${why}`, {
      hint: 'Check the name, the port and the firewall, or remove it from `engine.network`.',
    });
  } finally {
    socket.destroy();
  }
}

async function connected(socket: Socket): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => reject(new Error('it does not answer')));
    socket.once('connect', resolve);
    socket.on('error', reject);
  });
}

/** A program in the sandbox could replace a socket with a link before its mode is changed, so it is created in the parent directory and then moved. */
async function listen(path: string, target: NetworkTarget): Promise<AsyncDisposable> {
  const open = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (inside) => {
    const outside = connect({ ...target, allowHalfOpen: true });
    relay(inside, outside);
    for (const socket of [inside, outside]) {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    }
  });
  server.maxConnections = CONNECTIONS;
  const made = join(dirname(dirname(path)), basename(path));
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject); // stays: a connection that cannot be accepted, for lack of descriptors, is an error of the server, too
    server.listen(made, resolve);
  });
  await chmod(made, 0o666); // the server's user is not ours; the directory above is private
  await rename(made, path);
  return {
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

/** The end of one side ends the other, and an error on either closes both. */
function relay(inside: Socket, outside: Socket): void {
  inside.pipe(outside);
  outside.pipe(inside);
  inside.on('error', () => outside.destroy());
  outside.on('error', () => inside.destroy());
  outside.once('close', () => inside.destroySoon());
  inside.once('close', () => outside.destroySoon());
}
