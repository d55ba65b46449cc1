import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type Dockerode from 'dockerode';
import type * as Testcontainers from 'testcontainers';
import { untilAborted } from '../../support/until-aborted.ts';
import type { DockerEngine, FindEngine } from './engine.ts';
import { explainUnreachable } from './engine-errors.ts';
import { createNamedEngineFinder } from './named-engine.ts';
import { FollowedPulls } from './pull-with-testcontainers.ts';

const USUAL_SOCKET = '/var/run/docker.sock';

/**
 * Finds the engine the way testcontainers does (its own settings, `DOCKER_HOST`, the usual sockets) and reads its identity. testcontainers takes half a second
 * and 15 MB to load, so it is skipped if its first attempt would succeed: at `DOCKER_HOST`, or at the usual socket. It is used for the other places, and for
 * pulling.
 * Its first request to an engine cannot be canceled, and a stuck engine never answers it, so later callers share the pending request.
 */
export function createEngineFinder(): FindEngine {
  let searching: Promise<Testcontainers.ContainerRuntimeClient> | undefined;
  const pulls = new FollowedPulls();
  const search = (testcontainers: typeof Testcontainers) => {
    searching ??= testcontainers.getContainerRuntimeClient().finally(() => {
      searching = undefined; // testcontainers caches an engine that it has found
    });
    return searching;
  };
  const usual = usualAddress();
  if (usual === undefined) return (signal) => findEngine(search, pulls, signal);
  const findUsual = createNamedEngineFinder(usual);
  if (usual.startsWith('ssh:')) return findUsual; // testcontainers checks no host key
  return async (signal) => {
    const engine = await findUsual(signal).catch(() => signal.throwIfAborted()); // the search says why
    if (!engine) return findEngine(search, pulls, signal);
    const pull: DockerEngine['pull'] = async (image, until) =>
      (await findEngine(search, pulls, until)).pull(image, until);
    return { ...engine, client: ['docker'], pull };
  };
}

/** The address that testcontainers would try first. @returns undefined if its own configuration file may set another one. */
function usualAddress(): string | undefined {
  const dockerHost = process.env['DOCKER_HOST'];
  if (dockerHost?.startsWith('ssh:')) return dockerHost;
  if (existsSync(join(homedir(), '.testcontainers.properties'))) return undefined;
  return dockerHost || (existsSync(USUAL_SOCKET) ? `unix://${USUAL_SOCKET}` : undefined);
}

async function findEngine(
  search: (testcontainers: typeof Testcontainers) => Promise<Testcontainers.ContainerRuntimeClient>,
  pulls: FollowedPulls,
  signal: AbortSignal,
): Promise<DockerEngine> {
  signal.throwIfAborted();
  const dockerHost = process.env['DOCKER_HOST']; // testcontainers reads the same
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
  return {
    ...{ docker, uri, isLocal, version: String(serverVersion), cpus, memoryBytes: memory, client: ['docker'] },
    pull: async (image, until) => {
      const named = testcontainers.ImageName.fromString(image);
      await pulls.wait(docker, () => client.image.pull(named, { force: true, platform: undefined }), until);
    },
  };
}

/** The address that the client actually connects to, regardless of how it was chosen. */
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
