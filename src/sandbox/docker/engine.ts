import type Dockerode from 'dockerode';
import type * as Testcontainers from 'testcontainers';
import { DrillError } from '../../support/errors.ts';
import { abortAfter } from '../../support/time-limit.ts';
import { untilAborted } from '../../support/until-aborted.ts';
import { asEngineError, explainSilence, explainUnreachable } from './engine-errors.ts';

/** A Docker engine that answered. */
export interface DockerEngine {
  readonly testcontainers: typeof Testcontainers;
  readonly client: Testcontainers.ContainerRuntimeClient;
  readonly docker: Dockerode;
  /** `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2375`. */
  readonly uri: string;
  /** True when the engine is on this host, so that host directories can be mounted into a sandbox. */
  readonly isLocal: boolean;
  readonly version: string;
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** Throws the signal's reason, or a DrillError `engine-unreachable` with a hint. */
export type FindEngine = (signal: AbortSignal) => Promise<DockerEngine>;

/**
 * Finds the engine the way testcontainers does (its own settings, `DOCKER_HOST`, the usual sockets) and reads its identity.
 * testcontainers takes most of a second to load, so it is loaded here, when a sandbox is needed, and not at import.
 * Its first request to an engine cannot be canceled, and a stuck engine never answers it, so later callers share the pending request.
 */
export function createEngineFinder(): FindEngine {
  let searching: Promise<Testcontainers.ContainerRuntimeClient> | undefined;
  const search = (testcontainers: typeof Testcontainers) => {
    searching ??= testcontainers.getContainerRuntimeClient().finally(() => {
      searching = undefined; // testcontainers caches an engine that it has found
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
  // On macOS the engine runs in a virtual machine, which shares directories with the host but not the sockets in them.
  const isLocal = uri.startsWith('unix:') && process.platform === 'linux';
  return { testcontainers, client, docker, uri, isLocal, version: String(serverVersion), cpus, memoryBytes: memory };
}

/** The part of a request's options that cancels the request itself. */
export interface Abortable {
  readonly abortSignal: AbortSignal;
}

/** Requests for the engine's version and machine. dockerode accepts options for these too, although its types omit them. */
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
 * Sends one request to the engine, and cancels it when the signal aborts: an abandoned request would keep this process alive for as long as
 * the engine leaves it open. A response that has already arrived, including a stream, is not canceled.
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

/** Like {@link send}, for queries: rejects with the signal's reason on abort, otherwise throws DrillErrors only. */
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

/** Aborts with `engine-unreachable` when the engine has not completed a normally instant operation in time. @param doing as for {@link ask}. */
export function answerDeadline(timeoutMs: number, doing: string): AbortSignal {
  return abortAfter(timeoutMs, () => explainSilence(timeoutMs, doing));
}

/** The address that the client actually connects to, however it was chosen. */
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
