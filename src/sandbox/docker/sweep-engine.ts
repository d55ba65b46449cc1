import { rm } from 'node:fs/promises';
import { type BoxIdentity, PROJECT_LABEL, readLabels, whyToSweep } from '../labels.ts';
import { listPrivateDirs } from '../private-dir.ts';
import type { Swept } from '../sandbox.ts';
import { ask, type DockerEngine } from './engine.ts';
import { statusOf } from './engine-errors.ts';
import { removeContainer } from './remove-box.ts';
import { dirTagOf } from './start-box.ts';

/** Removes containers, with their volumes, and volumes left alone, whose lease is over or whose owner is dead. */
export async function sweepEngine(
  engine: DockerEngine,
  project: string,
  now: Date,
  signal: AbortSignal,
): Promise<readonly Swept[]> {
  const { docker } = engine;
  const ours = { label: [`${PROJECT_LABEL}=${project}`] }; // what does not carry our label is not even listed
  const swept: Swept[] = [];
  const containers = await ask(
    (options) => docker.listContainers({ ...options, all: true, filters: ours }),
    signal,
    'listing containers',
  );
  for (const { Id, Labels } of containers) {
    const remove = () => removeContainer(docker.getContainer(Id), signal);
    swept.push(...(await sweepOne('container', Id, readLabels(Labels, project), now, remove)));
  }
  const filters = { ...ours, dangling: ['true'] };
  const { Volumes } = await ask((options) => docker.listVolumes({ ...options, filters }), signal, 'listing volumes');
  for (const { Name, Labels } of Volumes ?? []) {
    const remove = () => docker.getVolume(Name).remove();
    swept.push(...(await sweepOne('volume', Name, readLabels(Labels, project), now, remove)));
  }
  return swept;
}

/** Removes directories on this host that were made for containers, by the same rule. Needs no engine. */
export async function sweepHostDirs(project: string, now: Date): Promise<readonly Swept[]> {
  const swept: Swept[] = [];
  for (const { path, identity } of await listPrivateDirs(dirTagOf(project))) {
    const why = whyToSweep(identity, now);
    if (why)
      swept.push(
        await attempt('directory', path, identity.runId, why, () => rm(path, { recursive: true, force: true })),
      );
  }
  return swept;
}

async function sweepOne(
  kind: Swept['kind'],
  id: string,
  identity: BoxIdentity | undefined,
  now: Date,
  remove: () => Promise<void>,
): Promise<readonly Swept[]> {
  const why = identity && whyToSweep(identity, now);
  if (!identity || !why) return [];
  const outcome = await attempt(kind, id, identity.runId, why, remove);
  return outcome.error === 'gone' ? [] : [outcome];
}

async function attempt(
  kind: Swept['kind'],
  id: string,
  runId: string,
  why: string,
  remove: () => Promise<void>,
): Promise<Swept> {
  try {
    await remove();
    return { kind, id, runId, why, error: undefined };
  } catch (error) {
    // Somebody else was faster.
    if (statusOf(error) === 404) return { kind, id, runId, why, error: 'gone' };
    return { kind, id, runId, why, error: error instanceof Error ? error.message : String(error) };
  }
}
