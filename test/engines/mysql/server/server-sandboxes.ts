import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { type Flavor, mariadbFlavor, mysqlFlavor } from '../../../../src/engines/mysql/flavor.ts';
import { bootServer } from '../../../../src/engines/mysql/server/boot.ts';
import type { BootedMysql } from '../../../../src/engines/mysql/server/booted-mysql.ts';
import { ALL_ENGINES } from '../../../../src/engines/registry.ts';
import { createDockerRuntime } from '../../../../src/sandbox/docker/docker-runtime.ts';
import { createLocalRuntime } from '../../../../src/sandbox/local/runtime.ts';
import type { Sandbox, SandboxRequest } from '../../../../src/sandbox/sandbox.ts';
import { currentOwner } from '../../../../src/support/owner.ts';

export const never = new AbortController().signal;
const MIB = 2 ** 20;

export interface Target {
  readonly runtime: 'docker' | 'local';
  readonly type: 'mysql' | 'mariadb';
  readonly major: string;
}

function flavorOf({ type }: Target): Flavor {
  return type === 'mysql' ? mysqlFlavor : mariadbFlavor;
}

/** A real sandbox with this server in it; the caller disposes of it. */
export async function startServerSandbox(target: Target, changes: Partial<SandboxRequest> = {}): Promise<Sandbox> {
  const { type, major } = target;
  const runtime = target.runtime === 'docker' ? createDockerRuntime({}) : createLocalRuntime({ engines: ALL_ENGINES });
  const image = `firedrill-test/${flavorOf(target).type}:${major}`;
  const server = { engine: type, major };
  await runtime.ensureImage({ image, server }, never);
  const request = {
    runId: `t${randomBytes(6).toString('hex')}`,
    drill: 'server-test',
    owner: currentOwner(),
    leaseExpiresAt: new Date(Date.now() + 600_000),
    memoryBytes: 1024 * MIB,
    cpus: 2,
    pids: 256,
    serverUser: 'mysql',
    storage: 'volume' as const,
  };
  return runtime.start({ ...request, image, server, ...changes }, never);
}

export function bootIn(
  sandbox: Sandbox,
  target: Target,
  options: { durability?: 'relaxed' | 'production'; memoryBytes?: number; signal?: AbortSignal } = {},
): Promise<BootedMysql> {
  const { durability = 'relaxed', memoryBytes = 1024 * MIB, signal = never } = options;
  return bootServer(sandbox, flavorOf(target), { durability, memoryBytes, cpus: 2, preload: [], settings: {}, signal });
}

/** The same server as a remote engine provides it: without a path, with a stream for each connection. */
export function throughStreams(server: BootedMysql): BootedMysql {
  const { connection } = server;
  if (connection.kind !== 'path') throw new Error('it is so already');
  const open = async () => connect(connection.path);
  return Object.create(server, { connection: { value: { kind: 'stream', open } } }) as BootedMysql;
}

/**
 * Lists files below these directories in the sandbox that contain the text. The text is not an argument, so that
 * process lists do not show it.
 */
export async function filesWith(sandbox: Sandbox, text: string, directories: readonly string[]): Promise<string> {
  const argv = ['sh', '-c', 'grep -rlF -f - "$@" 2> /dev/null; true', 'sh', ...directories];
  const { stdout } = await sandbox.exec(argv, { signal: never, stdin: Readable.from([Buffer.from(`${text}\n`)]) });
  return stdout.trim();
}

/** Output of a shell in the sandbox, run as the server's user. */
export async function inSandbox(sandbox: Sandbox, script: string, ...args: string[]): Promise<string> {
  const { stdout } = await sandbox.exec(['sh', '-c', script, 'sh', ...args], { signal: never });
  return stdout.trim();
}

export const rejected = (what: Promise<unknown>): Promise<{ code?: string; errno?: number; message: string }> =>
  what.then(
    () => ({ code: 'none', message: 'it went well' }),
    (error: { code?: string; errno?: number; message: string }) => error,
  );
