import { rm } from 'node:fs/promises';
import { PROJECT_LABEL, readLabels, whyToSweep } from '../labels.ts';
import { listPrivateDirs } from '../private-dir.ts';
import type { Swept } from '../sandbox.ts';
import { ask, type DockerEngine } from './engine.ts';
import { statusOf } from './engine-errors.ts';
import { removeContainer } from './remove-box.ts';

/** Only what carries our labels is even listed. */
const OURS = { label: [PROJECT_LABEL.join('=')] };

/** Removes containers, with their volumes, and volumes left alone, whose lease is over or whose owner is dead. */
export async function sweepEngine(engine: DockerEngine, now: Date, signal: AbortSignal): Promise<readonly Swept[]> {
  const { docker } = engine;
  const swept: Swept[] = [];
  const containers = await ask(docker.listContainers({ all: true, filters: OURS }), signal, 'listing containers');
  for (const { Id, Labels } of containers) {
    const remove = () => removeContainer(docker.getContainer(Id), signal);
    swept.push(...(await sweepOne('container', Id, Labels, now, remove)));
  }
  const filters = { ...OURS, dangling: ['true'] };
  const { Volumes } = await ask(docker.listVolumes({ filters }), signal, 'listing volumes');
  for (const { Name, Labels } of Volumes ?? []) {
    const remove = () => docker.getVolume(Name).remove();
    swept.push(...(await sweepOne('volume', Name, Labels, now, remove)));
  }
  return swept;
}

/** Removes directories on this host that were made for containers, by the same rule. Needs no engine. */
export async function sweepHostDirs(now: Date): Promise<readonly Swept[]> {
  const swept: Swept[] = [];
  for (const { path, identity } of await listPrivateDirs('docker')) {
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
  labels: Readonly<Record<string, string>>,
  now: Date,
  remove: () => Promise<void>,
): Promise<readonly Swept[]> {
  const identity = readLabels(labels);
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
