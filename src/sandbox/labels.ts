import { formatInstant } from '../support/instants.ts';
import { formatOwner, isOwnerDead, type Owner, parseOwner } from '../support/owner.ts';
import type { SandboxLoad, SandboxRequest } from './sandbox.ts';

/** Scope of a sweep. Tests use their own projects, so that one sweep does not remove another's sandboxes. */
export const DEFAULT_PROJECT = 'firedrill';
const PREFIX = 'dev.firedrill.';

/** Marks resources as Firedrill's; anything without this label is ignored. */
export const PROJECT_LABEL = `${PREFIX}project`;

/** Owner and lease of a sandbox. Attached to everything that outlives a process, so that a later process can decide whether to remove it. */
export interface SandboxIdentity {
  readonly runId: string;
  readonly drill: string;
  readonly owner: Owner;
  readonly leaseExpiresAt: Date;
}

/** @returns the labels for every resource created for this request. */
export function toLabels(
  request: Pick<SandboxRequest, keyof SandboxIdentity>,
  project: string = DEFAULT_PROJECT,
): Record<string, string> {
  return {
    [PROJECT_LABEL]: project,
    [`${PREFIX}run`]: request.runId,
    [`${PREFIX}drill`]: request.drill,
    [`${PREFIX}owner`]: formatOwner(request.owner),
    [`${PREFIX}lease-expires`]: request.leaseExpiresAt.toISOString(),
  };
}

/** @returns labels with the limits of a sandbox's container; only the container gets them, not its volume. */
export function toLoadLabels({
  memoryBytes,
  cpus,
}: Pick<SandboxRequest, 'memoryBytes' | 'cpus'>): Record<string, string> {
  return { [`${PREFIX}memory-bytes`]: String(memoryBytes), [`${PREFIX}cpus`]: String(cpus) };
}

/** @returns the values written by {@link toLoadLabels}; undefined if missing. */
export function readLoad(labels: Readonly<Record<string, string>>, project: string): SandboxLoad | undefined {
  const identity = readLabels(labels, project);
  const [memoryBytes, cpus] = [Number(labels[`${PREFIX}memory-bytes`]), Number(labels[`${PREFIX}cpus`])];
  if (!identity || !Number.isFinite(memoryBytes) || !Number.isFinite(cpus)) return undefined;
  return { runId: identity.runId, drill: identity.drill, memoryBytes, cpus };
}

/** @returns undefined unless the labels are complete as written by {@link toLabels}; such a resource must not be touched. */
export function readLabels(
  labels: Readonly<Record<string, string>> | undefined | null,
  project: string = DEFAULT_PROJECT,
): SandboxIdentity | undefined {
  if (!labels || labels[PROJECT_LABEL] !== project) return undefined;
  const runId = labels[`${PREFIX}run`];
  const owner = parseOwner(labels[`${PREFIX}owner`] ?? '');
  const leaseExpiresAt = new Date(labels[`${PREFIX}lease-expires`] ?? '');
  if (!runId || !owner || Number.isNaN(leaseExpiresAt.getTime())) return undefined;
  return { runId, drill: labels[`${PREFIX}drill`] ?? '', owner, leaseExpiresAt };
}

/** @returns why a resource may be removed at `now`, or undefined when it must stay: its lease is valid and its owner may be alive. */
export function sweepReason(
  identity: Pick<SandboxIdentity, 'owner' | 'leaseExpiresAt'>,
  now: Date,
  isDead: (owner: Owner) => boolean = isOwnerDead,
): string | undefined {
  if (identity.leaseExpiresAt.getTime() <= now.getTime()) {
    return `its lease expired on ${formatInstant(identity.leaseExpiresAt)}`;
  }
  if (isDead(identity.owner)) return `its owner, process ${identity.owner.pid} on ${identity.owner.host}, is dead`;
  return undefined;
}
