import type Dockerode from 'dockerode';
import type * as Testcontainers from 'testcontainers';
import { DrillError } from '../../support/errors.ts';
import { untilAborted } from '../../support/until-aborted.ts';
import { asEngineError, explainSilence, explainUnreachable } from './engine-errors.ts';

/** A Docker engine that answered. */
export interface DockerEngine {
  readonly testcontainers: typeof Testcontainers;
  readonly client: Testcontainers.ContainerRuntimeClient;
  readonly docker: Dockerode;
  /** `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2375`. */
  readonly uri: string;
  /** True when the engine is on this host, so that a directory of ours can be mounted into a box. */
  readonly isLocal: boolean;
  readonly version: string;
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** Throws the signal's reason, or a DrillError `engine-unreachable` with what to do. */
export type FindEngine = (signal: AbortSignal) => Promise<DockerEngine>;

/**
 * Finds the engine as testcontainers does (its own settings, `DOCKER_HOST`, the usual sockets) and asks it who it is.
 * testcontainers takes most of a second to load, so that is done here, when a sandbox is wanted, and not at import.
 * Its first question to an engine cannot be ended, and a stuck one never answers it: who looks again meanwhile waits for the same answer.
 */
export function createEngineFinder(): FindEngine {
  let searching: Promise<Testcontainers.ContainerRuntimeClient> | undefined;
  const search = (testcontainers: typeof Testcontainers) => {
    searching ??= testcontainers.getContainerRuntimeClient().finally(() => {
      searching = undefined; // it remembers an engine that it has found
    });
    return searching;
  };
  return (signal) => findEngine(search, signal);
}

async function findEngine(
  search: (testcontainers: typeof Testcontainers) => Promise<Testcontainers.ContainerRuntimeClient>,
  signal: AbortSignal,
): Promise<DockerEngine> {
  signal.throwIfAborted();
  const dockerHost = process.env['DOCKER_HOST']; // testcontainers reads the same
  if (dockerHost?.startsWith('ssh:')) throw explainSsh(dockerHost);
  const testcontainers = await import('testcontainers');
  let client: Testcontainers.ContainerRuntimeClient;
  try {
    client = await untilAborted(search(testcontainers), signal);
  } catch (error) {
    signal.throwIfAborted();
    throw await explainUnreachable(dockerHost, error);
  }
  const docker: Dockerode = client.container.dockerode;
  const uri = describeUri(docker);
  const { serverVersion, cpus, memory } = client.info.containerRuntime;
  // On macOS the engine lives in a virtual machine: directories are shared with it, the sockets in them are not.
  const isLocal = uri.startsWith('unix:') && process.platform === 'linux';
  return { testcontainers, client, docker, uri, isLocal, version: String(serverVersion), cpus, memoryBytes: memory };
}

/** Part of a request's options: ends the request itself. */
export interface Abortable {
  readonly abortSignal: AbortSignal;
}

/** What the engine says of itself and its machine. dockerode takes options for these questions too, though its types do not say so. */
export interface EngineQuestions {
  version(options: Abortable): Promise<Dockerode.DockerVersion>;
  info(options: Abortable): Promise<EngineInfo>;
}

/** The part of Docker Engine API, "Get system information", that is used here. */
export interface EngineInfo {
  readonly MemTotal: number;
  readonly NCPU: number;
  readonly Name?: string;
  readonly DockerRootDir?: string;
}

/**
 * Sends one request to the engine, and ends it when the signal aborts: a request that is only no longer waited for keeps this process
 * alive as long as the engine cares to leave it open. What it answered, a stream too, is not ended with it.
 */
export async function send<T>(request: (options: Abortable) => Promise<T>, signal: AbortSignal): Promise<T> {
  const givenUp = new AbortController();
  try {
    return await untilAborted(request({ abortSignal: givenUp.signal }), signal);
  } catch (error) {
    givenUp.abort(error);
    throw error;
  }
}

/** The same for a question: gives up with the signal's reason, and throws DrillErrors only. */
export async function ask<T>(
  request: (options: Abortable) => Promise<T>,
  signal: AbortSignal,
  doing: string,
): Promise<T> {
  try {
    return await send(request, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw asEngineError(error, doing);
  }
}

/** Aborts with `engine-unreachable` when the engine has not done by then what takes it no time. @param doing as for {@link ask}. */
export function answerDeadline(timeoutMs: number, doing: string): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(explainSilence(timeoutMs, doing)), timeoutMs).unref();
  return controller.signal;
}

/** Where the client really connects to, whatever chose it. */
function describeUri(docker: Dockerode): string {
  const { socketPath, host, port, protocol } = docker.modem as {
    socketPath?: string;
    host?: string;
    port?: string | number;
    protocol?: string;
  };
  if (socketPath) return `unix://${socketPath}`;
  return `${protocol === 'https' ? 'tcp+tls' : 'tcp'}://${host}:${port}`;
}

function explainSsh(dockerHost: string): DrillError {
  return new DrillError('engine-unreachable', `DOCKER_HOST is ${dockerHost}, and ssh:// is not spoken here`, {
    hint: `Forward the engine's socket and use that: ssh -NL 127.0.0.1:2375:/var/run/docker.sock ${dockerHost.slice(6)}, then DOCKER_HOST=tcp://127.0.0.1:2375.`,
  });
}
