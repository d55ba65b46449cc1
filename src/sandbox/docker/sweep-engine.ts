import { rm } from 'node:fs/promises';
import { type BoxIdentity, PROJECT_LABEL, readLabels } from '../labels.ts';
import { listPrivateDirs } from '../private-dir.ts';
import type { Swept } from '../sandbox.ts';
import { answerDeadline, ask, type DockerEngine } from './engine.ts';
import { removeContainer, removeVolume } from './remove-box.ts';
import { dirTagOf } from './start-box.ts';

const ONE_TIMEOUT_MS = 10_000;

/** @returns why a thing is to be removed; undefined: it stays. */
export type SweepRule = (identity: BoxIdentity) => string | undefined;

/**
 * Removes containers, with their volumes, and volumes left alone, as the rule says.
 * Throws the signal's reason, and nothing that one of them alone has: the others are not kept waiting for it.
 */
export async function sweepEngine(
  engine: DockerEngine,
  project: string,
  rule: SweepRule,
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

/** One thing that cannot be removed takes no more than its share of the time. */
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

/** @param remove gives false when somebody else was faster. */
async function sweepOne(
  kind: Swept['kind'],
  id: string,
  identity: BoxIdentity | undefined,
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
