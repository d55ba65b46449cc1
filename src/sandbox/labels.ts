import { formatOwner, isOwnerDead, type Owner, parseOwner } from '../support/owner.ts';
import type { SandboxRequest } from './sandbox.ts';

/** Whose things are looked after together; tests have their own, so that one's sweep is not another's. */
export const DEFAULT_PROJECT = 'firedrill';
const PREFIX = 'dev.firedrill.';

/** Picks out what is ours: what does not carry this is never looked at. */
export const PROJECT_LABEL = `${PREFIX}project`;

/** Whose a box is and until when: written on everything that outlives a process, so that any later process can judge it. */
export interface BoxIdentity {
  readonly runId: string;
  readonly drill: string;
  readonly owner: Owner;
  readonly leaseExpiresAt: Date;
}

/** @returns the labels to put on everything made for this request. */
export function toLabels(
  request: Pick<SandboxRequest, keyof BoxIdentity>,
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

/** @returns undefined for labels that {@link toLabels} did not write in full: such a thing is not ours to touch. */
export function readLabels(
  labels: Readonly<Record<string, string>> | undefined | null,
  project: string = DEFAULT_PROJECT,
): BoxIdentity | undefined {
  if (!labels || labels[PROJECT_LABEL] !== project) return undefined;
  const runId = labels[`${PREFIX}run`];
  const owner = parseOwner(labels[`${PREFIX}owner`] ?? '');
  const leaseExpiresAt = new Date(labels[`${PREFIX}lease-expires`] ?? '');
  if (!runId || !owner || Number.isNaN(leaseExpiresAt.getTime())) return undefined;
  return { runId, drill: labels[`${PREFIX}drill`] ?? '', owner, leaseExpiresAt };
}

/** @returns why a thing may be removed at `now`, or undefined when it must stay: its lease holds and its owner may be alive. */
export function sweepReason(
  identity: Pick<BoxIdentity, 'owner' | 'leaseExpiresAt'>,
  now: Date,
  isDead: (owner: Owner) => boolean = isOwnerDead,
): string | undefined {
  if (identity.leaseExpiresAt.getTime() <= now.getTime()) {
    return `its lease expired at ${identity.leaseExpiresAt.toISOString()}`;
  }
  if (isDead(identity.owner)) return `its owner, process ${identity.owner.pid} on ${identity.owner.host}, is dead`;
  return undefined;
}
