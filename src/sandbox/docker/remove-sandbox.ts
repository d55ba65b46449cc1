import { readdir, rm } from 'node:fs/promises';
import type Dockerode from 'dockerode';
import { DrillError } from '../../support/errors.ts';
import { toShell } from '../../support/shell.ts';
import { type Abortable, type DockerEngine, send } from './engine.ts';
import { statusOf } from './engine-errors.ts';
import { execInContainer } from './exec.ts';
import { SANDBOX_ROOT } from './launch-container.ts';
import { whileAnswering } from './while-answering.ts';

export interface SandboxResources {
  /** undefined if it was never created. */
  readonly container: Dockerode.Container | undefined;
  readonly engine: Pick<DockerEngine, 'docker' | 'client'>;
  readonly runId: string;
  /** The private directory on this host; undefined if there is none. */
  readonly hostDir: string | undefined;
  readonly socketDir: string | undefined;
}

/**
 * Removes a container with its anonymous volumes, and its directory on this host. Takes as long as the engine
 * needs, while it answers, and tries every step before it throws `sandbox-leaked`, which names what is left and how to remove it.
 */
export async function removeSandbox(resources: SandboxResources, serverUser?: string): Promise<void> {
  using patience = whileAnswering(resources.engine.docker, 'removing a sandbox');
  const { signal } = patience;
  const leaks: (readonly string[])[] = [];
  const causes: unknown[] = [];
  const { container, hostDir } = resources;
  if (container) {
    if (resources.socketDir && serverUser) await emptySocketDir(container, resources.socketDir, serverUser, signal);
    await removeWithVolumes(resources, container, signal).catch((error: unknown) => {
      leaks.push([...resources.engine.client, 'rm', '-f', '-v', container.id.slice(0, 12)]);
      causes.push(error);
    });
  }
  if (hostDir) {
    await rm(hostDir, { recursive: true, force: true }).catch((error: unknown) => {
      leaks.push(['rm', '-rf', hostDir]);
      causes.push(error);
    });
  }
  if (leaks.length === 0) return;
  const why = causes.map((cause) => (cause instanceof Error ? cause.message : String(cause))).join('; ');
  throw new DrillError('sandbox-leaked', `the sandbox could not be fully removed: ${why}`, {
    hint: `Run \`firedrill sweep\` when the engine answers again, or by hand: ${leaks.map(toShell).join(' && ')}`,
    cause: causes[0],
  });
}

/**
 * Like `docker rm -f -v`, and waits until the container is gone. A missing container is not an error.
 * @returns whether it existed; an earlier removal may have left its volume.
 */
export async function removeContainer(container: Dockerode.Container, signal: AbortSignal): Promise<boolean> {
  try {
    await send((options) => container.remove({ ...options, force: true, v: true }), signal);
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    if (statusOf(error) !== 409) throw error;
    await waitUntilRemoved(container, signal); // its own auto-removal is already in progress
    return true;
  }
}

/** Also removes volumes left behind by an engine restart or by `docker rm` without `-v`. */
async function removeWithVolumes(
  { engine: { docker }, runId }: SandboxResources,
  container: Dockerode.Container,
  signal: AbortSignal,
): Promise<void> {
  if (await removeContainer(container, signal)) return;
  // The engine is still removing a volume that is not dangling yet.
  const filters = { label: [`dev.firedrill.run=${runId}`], dangling: ['true'] };
  const { Volumes } = await send((options) => docker.listVolumes({ ...options, filters }), signal);
  for (const { Name } of Volumes ?? []) await removeVolume(docker, Name, signal);
}

/** A missing volume is not an error. @returns whether it existed. */
export async function removeVolume(docker: Dockerode, name: string, signal: AbortSignal): Promise<boolean> {
  const volume: AbortableVolume = docker.getVolume(name);
  try {
    await send((options) => volume.remove(options), signal);
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

/** dockerode accepts the signal here too, although its types omit it. */
interface AbortableVolume {
  remove(options: Abortable): Promise<void>;
}

async function waitUntilRemoved(container: Dockerode.Container, signal: AbortSignal): Promise<void> {
  try {
    await send((options) => container.wait({ ...options, condition: 'removed' }), signal);
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}

/** Runs as the sandbox's user, because only that user or root can remove the directories that it created there. */
async function emptySocketDir(
  container: Dockerode.Container,
  socketDir: string,
  user: string,
  signal: AbortSignal,
): Promise<void> {
  if (process.getuid?.() === 0) return;
  const entries = await readdir(socketDir, { withFileTypes: true }).catch(() => []);
  if (!entries.some((entry) => entry.isDirectory())) return;
  const target = { container, exitOf: async () => -1, over: signal };
  const script = `chmod -R u+rwx ${SANDBOX_ROOT}/run/*; rm -rf ${SANDBOX_ROOT}/run/*`;
  const request = { user, signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]) };
  await execInContainer(target, ['sh', '-c', script], request).catch(() => undefined); // the removal reports what is left
}
