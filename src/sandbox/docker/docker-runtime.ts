import { type Clock, systemClock } from '../../support/clock.ts';
import { DrillError } from '../../support/errors.ts';
import { formatBytes } from '../../support/quantities.ts';
import { DEFAULT_PROJECT, type SandboxIdentity, sweepReason } from '../labels.ts';
import type { Sandbox, SandboxRuntime } from '../sandbox.ts';
import { DockerSandbox } from './docker-sandbox.ts';
import { ask, createEngineFinder, type DockerEngine, type EngineQuestions } from './engine.ts';
import { readEngineCapacity } from './engine-capacity.ts';
import { ensureImage, explainMissing, findImage } from './images.ts';
import { prepareSandbox } from './prepare-sandbox.ts';
import { removeSandbox } from './remove-sandbox.ts';
import { type StartedContainer, type StartPlan, startContainer } from './start-container.ts';
import { sweepEngine, sweepHostDirs } from './sweep-engine.ts';

export interface DockerRuntimeDeps {
  readonly clock?: Clock;
  /** Label value that separates this installation's sandboxes from others on the same engine; `firedrill` by default. */
  readonly project?: string;
}

/** Sandboxes as Docker containers, see {@link SandboxRuntime}. Loads and connects lazily, on first use. */
export function createDockerRuntime(deps: DockerRuntimeDeps): SandboxRuntime {
  const { clock = systemClock, project = DEFAULT_PROJECT } = deps;
  const findEngine = createEngineFinder();
  /** Finished runs of this process whose sandboxes could not be removed because the engine was down. Neither lease nor owner shows that they are over. */
  const leaked = new Set<string>();
  return {
    name: 'docker',
    runsApplications: true,
    check: async (signal) => describeEngine(await findEngine(signal), signal),
    capacity: async (signal) => readEngineCapacity(await findEngine(signal), signal),
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
        leaked.has(identity.runId) ? 'its run is over, and it could not be removed then' : sweepReason(identity, now);
      const dirs = await sweepHostDirs(project, rule);
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
  return `Docker ${Version.split('+')[0]} at ${engine.uri}, ${engine.cpus} CPUs, ${formatBytes(engine.memoryBytes)}`;
}

async function start(
  engine: DockerEngine,
  plan: StartPlan,
  onLeaked: () => void,
  signal: AbortSignal,
): Promise<Sandbox> {
  const { image } = plan.request;
  const imageId = await findImage(engine, image, signal);
  if (!imageId) throw explainMissing(engine, image, 'it is not there, and a start pulls nothing');
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
