import { hostname } from 'node:os';
import { readFreeDiskBytes } from '../free-disk.ts';
import { PROJECT_LABEL, readLoad } from '../labels.ts';
import type { Capacity, SandboxLoad } from '../sandbox.ts';
import { ask, type DockerEngine, type EngineInfo, type EngineQuestions } from './engine.ts';

/** Memory and CPUs of the engine's machine, and the free disk space for its volumes if readable from here. */
export async function readEngineCapacity(engine: DockerEngine, signal: AbortSignal): Promise<Capacity> {
  const questions: EngineQuestions = engine.docker;
  const info = await ask(
    (options) => questions.info(options),
    signal,
    'asking how much memory and how many CPUs its machine has',
  );
  const directory = rootDirSeenFromHere(engine, info);
  return {
    memoryBytes: info.MemTotal,
    cpus: info.NCPU,
    freeDiskBytes: directory === undefined ? undefined : await readFreeDiskBytes(directory),
  };
}

/** Capacity of an engine that others may also use, such as runners on other machines; includes its current sandboxes. */
export async function readSharedCapacity(
  engine: DockerEngine,
  project: string,
  signal: AbortSignal,
): Promise<Capacity> {
  const capacity = await readEngineCapacity(engine, signal);
  const filters = { label: [`${PROJECT_LABEL}=${project}`] };
  const containers = await ask(
    (options) => engine.docker.listContainers({ ...options, filters }),
    signal,
    'listing containers',
  );
  const sandboxes = containers.flatMap(({ Labels }): SandboxLoad | [] => readLoad(Labels, project) ?? []);
  return { ...capacity, containerEngine: engine.uri, sandboxes };
}

/**
 * A local socket does not mean that the engine's directories are on this host: this process may be in a container with the socket mounted, or
 * the engine in a virtual machine (Docker Desktop). The path may even exist here as a different directory, so the engine must report this host's name.
 */
function rootDirSeenFromHere({ isLocal }: DockerEngine, { Name, DockerRootDir }: EngineInfo): string | undefined {
  return isLocal && Name === hostname() ? DockerRootDir : undefined;
}
