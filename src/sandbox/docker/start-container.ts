import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Dockerode from 'dockerode';
import { DrillError } from '../../support/errors.ts';
import { formatBytes } from '../../support/quantities.ts';
import { untilAborted } from '../../support/until-aborted.ts';
import { makeOpenSubdir, makePrivateDir } from '../private-dir.ts';
import type { SandboxRequest } from '../sandbox.ts';
import { answerDeadline, type DockerEngine, send } from './engine.ts';
import { asEngineError } from './engine-errors.ts';
import { HOSTS, launchContainer } from './launch-container.ts';
import { removeSandbox } from './remove-sandbox.ts';
import { type ContainerWatch, watchContainer } from './watch-container.ts';

/** Upper limit for a start on a healthy engine. */
const START_TIMEOUT_MS = 30_000;
/** A sandbox outlives its lease by this much, so that a sweep can still identify it. */
const LEASE_MARGIN_SECONDS = 60;

/** A running container, watched, with its directory on this host. */
export interface StartedContainer {
  readonly engine: DockerEngine;
  readonly runId: string;
  readonly container: Dockerode.Container;
  readonly watch: ContainerWatch;
  readonly hostDir: string | undefined;
  /** Host directory mounted as the sandbox's run directory; undefined for an engine that cannot mount this host's directories. */
  readonly socketDir: string | undefined;
  /** Mounted as its /etc/hosts; undefined where the engine makes that file. */
  readonly hostsFile: string | undefined;
}

export interface StartPlan {
  readonly request: SandboxRequest;
  readonly project: string;
  readonly now: Date;
}

/** The tag on private directories of this runtime and project. */
export function dirTagOf(project: string): string {
  return `docker/${project}`;
}

/** Starts a sandbox; leaves nothing behind when it throws. @throws DrillError, or the signal's reason. */
export async function startContainer(
  engine: DockerEngine,
  plan: StartPlan,
  onLeaked: () => void,
  signal: AbortSignal,
): Promise<StartedContainer> {
  refuseImpossible(engine, plan.request);
  if (!engine.isLocal) return startWith(engine, plan, false, onLeaked, signal);
  try {
    return await startWith(engine, plan, true, onLeaked, signal);
  } catch (error) {
    // A local socket may lead to an engine elsewhere (forwarded, or mounted into our container), which cannot see this host's directories.
    if (!(error instanceof Error) || !/bind source path does not exist/.test(error.message)) throw error;
    return startWith(engine, plan, false, onLeaked, signal);
  }
}

async function startWith(
  engine: DockerEngine,
  plan: StartPlan,
  isShared: boolean,
  onLeaked: () => void,
  signal: AbortSignal,
): Promise<StartedContainer> {
  const { request, project } = plan;
  signal.throwIfAborted();
  let container: Dockerode.Container | undefined;
  let watch: ContainerWatch | undefined;
  let hostDir: string | undefined;
  let socketDir: string | undefined;
  let hostsFile: string | undefined;
  try {
    if (isShared) {
      const dir = await makePrivateDir(request, dirTagOf(project));
      hostDir = dir.path;
      socketDir = await makeOpenSubdir(dir, 's');
      if (!request.network) hostsFile = await writeHosts(dir.path);
    }
    const starting = launchContainer(engine, {
      request,
      project,
      socketDir,
      hostsFile,
      livesForSeconds: secondsUntil(request.leaseExpiresAt, plan.now) + LEASE_MARGIN_SECONDS,
      onCreated: async (id) => {
        container = engine.docker.getContainer(id);
        watch = await watchContainer(engine.docker, { id, memoryBytes: request.memoryBytes }, signal);
      },
    });
    // Ignores the caller's abort: a container can be removed only once its id is known.
    await untilAborted(starting, answerDeadline(START_TIMEOUT_MS, 'starting a sandbox'));
    signal.throwIfAborted();
    if (!container || !watch) throw new DrillError('internal', 'a container was started whose id is not known');
    return { engine, runId: request.runId, container, watch, hostDir, socketDir, hostsFile };
  } catch (error) {
    watch?.stop();
    // If the engine never confirmed the creation, the container may exist now, or appear later.
    container ??= await findContainer(engine, request.runId, onLeaked);
    await removeSandbox({ engine, runId: request.runId, container, hostDir, socketDir }).catch(onLeaked); // first cause wins; a sweep finds the rest
    signal.throwIfAborted();
    throw asEngineError(error, 'starting a sandbox');
  }
}

async function writeHosts(dir: string): Promise<string> {
  const path = join(dir, 'hosts');
  await writeFile(path, HOSTS);
  await chmod(path, 0o644); // the server's user reads it, whatever the umask
  return path;
}

function refuseImpossible(engine: DockerEngine, request: SandboxRequest): void {
  if (request.memoryBytes > engine.memoryBytes) {
    throw new DrillError(
      'sandbox-refused',
      `the sandbox needs ${formatBytes(request.memoryBytes)} of memory, and the engine's machine has ${formatBytes(engine.memoryBytes)}`,
      {
        hint: 'Lower `sandbox.memory` in the drill, or use a larger machine.',
      },
    );
  }
  if (request.cpus > engine.cpus) {
    throw new DrillError(
      'sandbox-refused',
      `the sandbox needs ${request.cpus} CPUs, and the engine's machine has ${engine.cpus}`,
      {
        hint: 'Lower `sandbox.cpus` in the drill, or use a larger machine.',
      },
    );
  }
}

/** Finds, by its label, a container whose creation was not confirmed in time. */
async function findContainer(
  engine: DockerEngine,
  runId: string,
  onSilence: () => void,
): Promise<Dockerode.Container | undefined> {
  try {
    const filters = { label: [`dev.firedrill.run=${runId}`] };
    const [found] = await send(
      (options) => engine.docker.listContainers({ ...options, all: true, filters }),
      AbortSignal.timeout(5000),
    );
    return found ? engine.docker.getContainer(found.Id) : undefined;
  } catch {
    onSilence(); // nothing can be done until the engine answers
    return undefined;
  }
}

function secondsUntil(instant: Date, now: Date): number {
  return Math.max(1, Math.ceil((instant.getTime() - now.getTime()) / 1000));
}
