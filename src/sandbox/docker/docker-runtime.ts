import { type Clock, systemClock } from '../../support/clock.ts';
import { DrillError } from '../../support/errors.ts';
import { formatBytes } from '../../support/quantities.ts';
import { DEFAULT_PROJECT, type SandboxIdentity, sweepReason } from '../labels.ts';
import type { Sandbox, SandboxRuntime } from '../sandbox.ts';
import { createEngineFinder } from './default-engine.ts';
import { DockerSandbox } from './docker-sandbox.ts';
import { ask, type DockerEngine, type EngineQuestions } from './engine.ts';
import { isExposed } from './engine-address.ts';
import { readEngineCapacity, readSharedCapacity } from './engine-capacity.ts';
import { ensureImage, explainMissing, findImage } from './images.ts';
import { createNamedEngineFinder } from './named-engine.ts';
import { prepareSandbox } from './prepare-sandbox.ts';
import { removeSandbox } from './remove-sandbox.ts';
import { type StartedContainer, type StartPlan, startContainer } from './start-container.ts';
import { sweepEngine, sweepHostDirs } from './sweep-engine.ts';

export interface DockerRuntimeDeps {
  readonly clock?: Clock;
  /** Label value that separates this installation's sandboxes from others on the same engine; `firedrill` by default. */
  readonly project?: string;
  /** The engine's address; undefined: the one that testcontainers finds. */
  readonly containerEngine?: string | undefined;
  /** Whether a sweep also removes directories on this host; true by default. Only one of several runtimes does. */
  readonly sweepsHostDirs?: boolean;
  /**
   * Finished runs of this process whose sandboxes could not be removed because the engine was down. Neither lease nor owner shows that they have ended. Shared
   * by runtimes that share directories on this host.
   */
  readonly leaked?: Set<string>;
}

/** One runtime per engine in the settings; if they name none, the one that testcontainers finds. */
export function createDockerRuntimes(
  engines: readonly string[] | undefined,
  deps: Pick<DockerRuntimeDeps, 'clock' | 'project'>,
): readonly SandboxRuntime[] {
  if (!engines) return [createDockerRuntime(deps)];
  const leaked = new Set<string>();
  return engines.map((containerEngine, index) =>
    createDockerRuntime({ ...deps, containerEngine, leaked, sweepsHostDirs: index === 0 }),
  );
}

/** Sandboxes as containers of one Docker engine, see {@link SandboxRuntime}. Loads and connects lazily, on first use. */
export function createDockerRuntime(deps: DockerRuntimeDeps): SandboxRuntime {
  const { clock = systemClock, project = DEFAULT_PROJECT, containerEngine, sweepsHostDirs = true } = deps;
  const { leaked = new Set<string>() } = deps;
  const findEngine = containerEngine === undefined ? createEngineFinder() : createNamedEngineFinder(containerEngine);
  return {
    name: 'docker',
    ...(containerEngine !== undefined && { containerEngine }),
    runsApplications: true,
    check: async (signal) => describeEngine(await findEngine(signal), signal),
    capacity: async (signal) => {
      const engine = await findEngine(signal);
      return containerEngine === undefined
        ? readEngineCapacity(engine, signal)
        : readSharedCapacity(engine, project, signal);
    },
    findImage: async ({ image }, signal) => {
      const id = await findImage(await findEngine(signal), image, signal);
      return id === undefined ? undefined : { name: image, id };
    },
    ensureImage: async ({ image }, signal) => ensureImage(await findEngine(signal), image, signal),
    start: async (request, signal) => {
      const onLeaked = () => leaked.add(request.runId);
      return start(await findEngine(signal), { request, project, now: clock.now() }, onLeaked, signal);
    },
    sweep: async (now, signal) => {
      const rule = (identity: SandboxIdentity) =>
        leaked.has(identity.runId) ? 'its run has ended, and it could not be removed then' : sweepReason(identity, now);
      const dirs = sweepsHostDirs ? await sweepHostDirs(project, rule) : [];
      return [...(await sweepEngine(await findEngine(signal), project, rule, signal)), ...dirs];
    },
  };
}

async function describeEngine(engine: DockerEngine, signal: AbortSignal): Promise<string> {
  const questions: EngineQuestions = engine.docker;
  const { Os, Version } = await ask((options) => questions.version(options), signal, 'asking for its version');
  if (Os !== 'linux') {
    throw new DrillError(
      'sandbox-refused',
      `the engine at ${engine.uri} runs ${Os} containers, and database images are Linux ones`,
      {
        hint: 'Switch the engine to Linux containers, or use `--runtime local`.',
      },
    );
  }
  const exposed = isExposed(engine.uri)
    ? '; not encrypted: anyone on that network can control it, use TLS or ssh://'
    : '';
  return `Docker ${Version.split('+')[0]} at ${engine.uri}, ${engine.cpus} CPUs, ${formatBytes(engine.memoryBytes)}${exposed}`;
}

async function start(
  engine: DockerEngine,
  plan: StartPlan,
  onLeaked: () => void,
  signal: AbortSignal,
): Promise<Sandbox> {
  const { image } = plan.request;
  const imageId = await findImage(engine, image, signal);
  if (!imageId) throw explainMissing(engine, image, 'starting a sandbox never pulls an image');
  const started = await startContainer(engine, plan, onLeaked, signal);
  try {
    const { gone } = started.watch;
    const target = {
      container: started.container,
      exitOf: (execId: string) => started.watch.exitOf(execId),
      over: gone,
    };
    const either = AbortSignal.any([signal, gone]);
    const facts = await prepareSandbox(target, plan.request.serverUser, either);
    const sandbox = new DockerSandbox({ engine, plan, started, facts }, { name: image, id: imageId }, onLeaked);
    await sandbox.allowNetwork(either);
    return sandbox;
  } catch (error) {
    await removeAfterFailure(started, onLeaked);
    throw error;
  }
}

async function removeAfterFailure(started: StartedContainer, onLeaked: () => void): Promise<void> {
  started.watch.stop();
  await removeSandbox(started).catch(onLeaked); // first cause wins; a sweep finds the rest
}
