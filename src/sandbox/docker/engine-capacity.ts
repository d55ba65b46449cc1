import { hostname } from 'node:os';
import { readFreeDiskBytes } from '../free-disk.ts';
import type { Capacity } from '../sandbox.ts';
import { ask, type DockerEngine, type EngineInfo, type EngineQuestions } from './engine.ts';

/** Memory and CPUs of the engine's machine, and what is free where it keeps its volumes, as far as that can be seen from here. */
export async function readEngineCapacity(engine: DockerEngine, signal: AbortSignal): Promise<Capacity> {
  const questions: EngineQuestions = engine.docker;
  const info = await ask((options) => questions.info(options), signal, 'asking for what its machine has');
  const directory = rootDirSeenFromHere(engine, info);
  return {
    memoryBytes: info.MemTotal,
    cpus: info.NCPU,
    freeDiskBytes: directory === undefined ? undefined : await readFreeDiskBytes(directory),
  };
}

/**
 * A socket here does not make the engine's directories ours: we may be in a container that was given the socket, or the engine may be
 * in a virtual machine (Docker Desktop). There the path may even exist and be another directory, so the engine has to go by this host's name.
 */
function rootDirSeenFromHere({ isLocal }: DockerEngine, { Name, DockerRootDir }: EngineInfo): string | undefined {
  return isLocal && Name === hostname() ? DockerRootDir : undefined;
}
