import { rm } from 'node:fs/promises';
import { inParallel } from '../../support/in-parallel.ts';
import { PROJECT_LABEL, readLabels, type SandboxIdentity } from '../labels.ts';
import { listPrivateDirs } from '../private-dir.ts';
import type { Swept } from '../sandbox.ts';
import { ask, type DockerEngine } from './engine.ts';
import { removeContainer, removeVolume } from './remove-sandbox.ts';
import { dirTagOf } from './start-container.ts';
import { whileAnswering } from './while-answering.ts';

/** So that one large volume does not hold up the rest. */
const AT_ONCE = 4;

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
  using limit = whileAnswering(docker, 'removing what a run left');
  const either = AbortSignal.any([signal, limit.signal]);
  const containers = await ask(
    (options) => docker.listContainers({ ...options, all: true, filters: ours }),
    signal,
    'listing containers',
  );
  const sweptContainers = await inParallel(containers, AT_ONCE, ({ Id, Labels }) => {
    const remove = () => removeContainer(docker.getContainer(Id), either);
    return sweepOne('container', Id, readLabels(Labels, project), rule, remove);
  });
  signal.throwIfAborted();
  const filters = { ...ours, dangling: ['true'] };
  const { Volumes } = await ask((options) => docker.listVolumes({ ...options, filters }), signal, 'listing volumes');
  const sweptVolumes = await inParallel(Volumes ?? [], AT_ONCE, ({ Name, Labels }) => {
    const remove = () => removeVolume(docker, Name, either);
    return sweepOne('volume', Name, readLabels(Labels, project), rule, remove);
  });
  signal.throwIfAborted();
  return [...sweptContainers, ...sweptVolumes].flat();
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
