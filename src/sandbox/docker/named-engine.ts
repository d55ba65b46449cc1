import { readFile } from 'node:fs/promises';
import type { Agent } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type Dockerode from 'dockerode';
import { DrillError } from '../../support/errors.ts';
import { toShell } from '../../support/shell.ts';
import { type DockerEngine, type EngineQuestions, type FindEngine, send } from './engine.ts';
import { type EngineAddress, parseEngineAddress } from './engine-address.ts';
import { createPuller } from './pull-named.ts';
import { SshAgent } from './ssh-agent.ts';

/** Connects to the engine at this address, without testcontainers, which supports one engine per process. */
export function createNamedEngineFinder(uri: string): FindEngine {
  let found: DockerEngine | undefined;
  return async (signal) => {
    found ??= await connect(uri, signal);
    return found;
  };
}

async function connect(uri: string, signal: AbortSignal): Promise<DockerEngine> {
  signal.throwIfAborted();
  const address = parseEngineAddress(uri, Boolean(process.env['DOCKER_TLS_VERIFY']));
  if (!address) {
    throw new DrillError('engine-unreachable', `${uri} is not the address of a Docker engine`, {
      hint: 'Write it like unix:///var/run/docker.sock, tcp://10.0.0.5:2376 or ssh://drill@box2.',
    });
  }
  const isEncrypted = address.kind === 'tcp' && address.isEncrypted;
  const client = ['docker', '--host', uri, ...(isEncrypted ? ['--tlsverify'] : [])];
  try {
    const { default: Docker } = await import('dockerode');
    const docker: Dockerode = new Docker(await toOptions(address));
    const questions: EngineQuestions = docker;
    const { MemTotal, NCPU, ServerVersion = '' } = await send((options) => questions.info(options), signal);
    // On macOS the engine runs in a virtual machine, which shares directories with the host but not the sockets in them.
    const isLocal = address.kind === 'unix' && process.platform === 'linux';
    const pull = createPuller(docker, client.slice(1));
    return { docker, uri, isLocal, version: ServerVersion, cpus: NCPU, memoryBytes: MemTotal, client, pull };
  } catch (error) {
    signal.throwIfAborted();
    throw explainNoAnswer(uri, client, error);
  }
}

/** Sets all options, since dockerode takes missing ones from `DOCKER_HOST`. */
async function toOptions(address: EngineAddress): Promise<Dockerode.DockerOptions & { readonly agent?: Agent }> {
  const none = { socketPath: undefined, host: undefined, port: undefined, ca: undefined, cert: undefined };
  if (address.kind === 'unix') return { ...none, key: undefined, protocol: 'http', socketPath: address.path };
  if (address.kind === 'ssh') {
    return { ...none, key: undefined, protocol: 'http', host: 'docker', port: 80, agent: new SshAgent(address) };
  }
  const { host, port, isEncrypted } = address;
  if (!isEncrypted) return { ...none, key: undefined, protocol: 'http', host, port };
  const directory = process.env['DOCKER_CERT_PATH'] || join(homedir(), '.docker');
  const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map((name) => read(directory, name)));
  return { ...none, protocol: 'https', host, port, ca, cert, key };
}

/** Without files, trusts the system's CAs and sends no client certificate. */
async function read(directory: string, name: string): Promise<Buffer | undefined> {
  try {
    return await readFile(join(directory, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function explainNoAnswer(uri: string, client: readonly string[], cause: unknown): DrillError {
  const error: NodeJS.ErrnoException = cause instanceof Error ? cause : new Error(String(cause));
  const why = error.message || error.code || 'no reason given';
  return new DrillError('engine-unreachable', `no Docker engine answers at ${uri}: ${why}`, {
    hint: /EACCES|EPERM/.test(why)
      ? 'This user may not use the engine: add it to the group docker (`sudo usermod -aG docker $USER`, then log in again).'
      : `See what \`${toShell([...client, 'info'])}\` says, as this user; start the engine, or correct \`sandbox.engines\`.`,
    cause,
  });
}
