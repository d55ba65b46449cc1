import { rm } from 'node:fs/promises';
import { PROJECT_LABEL, readLabels, type SandboxIdentity } from '../labels.ts';
import { listPrivateDirs } from '../private-dir.ts';
import type { Swept } from '../sandbox.ts';
import { answerDeadline, ask, type DockerEngine } from './engine.ts';
import { removeContainer, removeVolume } from './remove-sandbox.ts';
import { dirTagOf } from './start-container.ts';

const ONE_TIMEOUT_MS = 10_000;

/** @returns the reason to remove a resource, or undefined to keep it. */
export type SweepRule = (identity: SandboxIdentity) => string | undefined;

/**
 * Removes the containers (with their volumes) and orphaned volumes that the rule selects.
 * Throws only the signal's reason. A failure on one resource is reported and does not stop the rest.
 */
export async function sweepEngine(
  engine: DockerEngine,
  project: string,
  rule: SweepRule,
  signal: AbortSignal,
): Promise<readonly Swept[]> {
  const { docker } = engine;
  const ours = { label: [`${PROJECT_LABEL}=${project}`] }; // lists only resources with our label
  const swept: Swept[] = [];
  const containers = await ask(
    (options) => docker.listContainers({ ...options, all: true, filters: ours }),
    signal,
    'listing containers',
  );
  for (const { Id, Labels } of containers) {
    const remove = () => removeContainer(docker.getContainer(Id), oneOf(signal));
    swept.push(...(await sweepOne('container', Id, readLabels(Labels, project), rule, remove)));
    signal.throwIfAborted();
  }
  const filters = { ...ours, dangling: ['true'] };
  const { Volumes } = await ask((options) => docker.listVolumes({ ...options, filters }), signal, 'listing volumes');
  for (const { Name, Labels } of Volumes ?? []) {
    const remove = () => removeVolume(docker, Name, oneOf(signal));
    swept.push(...(await sweepOne('volume', Name, readLabels(Labels, project), rule, remove)));
    signal.throwIfAborted();
  }
  return swept;
}

/** Limits the time for one resource, so that a stuck removal does not use up the whole sweep. */
function oneOf(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, answerDeadline(ONE_TIMEOUT_MS, 'removing what a run left')]);
}

/** Removes directories on this host that were made for containers, by the same rule. Needs no engine. */
export async function sweepHostDirs(project: string, rule: SweepRule): Promise<readonly Swept[]> {
  const swept: Swept[] = [];
  for (const { path, identity } of await listPrivateDirs(dirTagOf(project))) {
    const remove = async () => {
      await rm(path, { recursive: true, force: true });
      return true;
    };
    swept.push(...(await sweepOne('directory', path, identity, rule, remove)));
  }
  return swept;
}

/** @param remove returns false when the resource was already gone. */
async function sweepOne(
  kind: Swept['kind'],
  id: string,
  identity: SandboxIdentity | undefined,
  rule: SweepRule,
  remove: () => Promise<boolean>,
): Promise<readonly Swept[]> {
  const why = identity && rule(identity);
  if (!identity || !why) return [];
  const { runId } = identity;
  try {
    return (await remove()) ? [{ kind, id, runId, why, error: undefined }] : [];
  } catch (error) {
    return [{ kind, id, runId, why, error: error instanceof Error ? error.message : String(error) }];
  }
}
