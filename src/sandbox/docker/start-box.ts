import type Dockerode from 'dockerode';
import { DrillError } from '../../support/errors.ts';
import { formatBytes } from '../../support/quantities.ts';
import { untilAborted } from '../../support/until-aborted.ts';
import { makeOpenSubdir, makePrivateDir } from '../private-dir.ts';
import type { SandboxRequest } from '../sandbox.ts';
import { startBoxContainer } from './box-container.ts';
import { answerDeadline, type DockerEngine, send } from './engine.ts';
import { asEngineError } from './engine-errors.ts';
import { removeBox } from './remove-box.ts';
import { type BoxWatch, watchBox } from './watch-box.ts';

/** What a start takes at most on an engine that works. */
const START_TIMEOUT_MS = 30_000;
/** A box outlives its lease by this much, so that a sweep can still say what it was. */
const LEASE_MARGIN_SECONDS = 60;

/** A running container, watched, with its directory on this host. */
export interface StartedBox {
  readonly docker: Dockerode;
  readonly runId: string;
  readonly container: Dockerode.Container;
  readonly watch: BoxWatch;
  readonly hostDir: string | undefined;
  /** What the box sees as its run directory; undefined for an engine that cannot see this host's directories. */
  readonly socketDir: string | undefined;
}

export interface StartPlan {
  readonly request: SandboxRequest;
  readonly project: string;
  readonly now: Date;
}

/** What private directories of this runtime and project are marked with. */
export function dirTagOf(project: string): string {
  return `docker/${project}`;
}

/** @throws DrillError, or the signal's reason; then nothing is left. */
export async function startBox(
  engine: DockerEngine,
  plan: StartPlan,
  onLeaked: () => void,
  signal: AbortSignal,
): Promise<StartedBox> {
  refuseImpossible(engine, plan.request);
  if (!engine.isLocal) return startWith(engine, plan, false, onLeaked, signal);
  try {
    return await startWith(engine, plan, true, onLeaked, signal);
  } catch (error) {
    // A local socket may lead to an engine elsewhere (we are in a container ourselves, or it is forwarded): then this host's directories are not its own.
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
): Promise<StartedBox> {
  const { request, project } = plan;
  signal.throwIfAborted();
  let container: Dockerode.Container | undefined;
  let watch: BoxWatch | undefined;
  let hostDir: string | undefined;
  let socketDir: string | undefined;
  try {
    if (isShared) {
      const dir = await makePrivateDir(request, dirTagOf(project));
      hostDir = dir.path;
      socketDir = await makeOpenSubdir(dir, 's');
    }
    const starting = startBoxContainer(engine, {
      request,
      project,
      socketDir,
      livesForSeconds: secondsUntil(request.leaseExpiresAt, plan.now) + LEASE_MARGIN_SECONDS,
      onCreated: async (id) => {
        container = engine.docker.getContainer(id);
        watch = await watchBox(engine.docker, { id, memoryBytes: request.memoryBytes }, signal);
      },
    });
    // Not given up on an abort: what is being made has to be known, to be removed.
    await untilAborted(starting, answerDeadline(START_TIMEOUT_MS, 'starting a sandbox'));
    signal.throwIfAborted();
    if (!container || !watch)
      throw new DrillError('internal', 'testcontainers started a container and did not say which');
    return { docker: engine.docker, runId: request.runId, container, watch, hostDir, socketDir };
  } catch (error) {
    watch?.stop();
    // One whose creation was not answered may be found now, or come up later.
    container ??= await findContainer(engine, request.runId, onLeaked);
    await removeBox({ docker: engine.docker, runId: request.runId, container, hostDir, socketDir }).catch(onLeaked); // first cause wins; a sweep finds the rest
    signal.throwIfAborted();
    throw asEngineError(error, 'starting a sandbox');
  }
}

function refuseImpossible(engine: DockerEngine, request: SandboxRequest): void {
  if (request.memoryBytes > engine.memoryBytes) {
    throw new DrillError(
      'sandbox-refused',
      `the sandbox wants ${formatBytes(request.memoryBytes)} of memory, and the engine's machine has ${formatBytes(engine.memoryBytes)}`,
      {
        hint: 'Lower `sandbox.memory` in the drill, or use a larger machine.',
      },
    );
  }
  if (request.cpus > engine.cpus) {
    throw new DrillError(
      'sandbox-refused',
      `the sandbox wants ${request.cpus} CPUs, and the engine's machine has ${engine.cpus}`,
      {
        hint: 'Lower `sandbox.cpus` in the drill, or use a larger machine.',
      },
    );
  }
}

/** A container whose creation was not answered in time is found by its label. */
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
    onSilence(); // the engine does not answer: nothing can be done before it does
    return undefined;
  }
}

function secondsUntil(instant: Date, now: Date): number {
  return Math.max(1, Math.ceil((instant.getTime() - now.getTime()) / 1000));
}
