import { DrillError } from '../../support/errors.ts';
import type { Isolation } from '../sandbox.ts';
import { type Holder, type HolderPlan, type Seal, startHolder } from './holder.ts';
import type { ServerUser } from './server-user.ts';

/** A started holder, and why stronger isolation was not possible. */
export interface Sealed {
  readonly holder: Holder;
  readonly obstacles: readonly string[];
}

/** Starts the holder with the strongest isolation that this system allows. Throws `sandbox-refused` when none starts. */
export async function sealBest(plan: HolderPlan, seals: readonly Seal[], signal: AbortSignal): Promise<Sealed> {
  const obstacles: string[] = [];
  for (const seal of seals) {
    if (seal !== 'open' && process.platform !== 'linux') {
      obstacles.push(`${process.platform} has no namespaces`);
      continue;
    }
    try {
      return { holder: await startHolder(plan, seal, signal), obstacles: [...new Set(obstacles)] };
    } catch (error) {
      signal.throwIfAborted();
      obstacles.push(firstLine(error));
    }
  }
  throw new DrillError('sandbox-refused', `no sandbox can be created here: ${obstacles.join('; ')}`, {
    hint: 'Run Firedrill where it may start processes, or use `--runtime docker`.',
  });
}

/** What this sandbox isolates and what it does not, for the plan and the evidence. */
export function describeIsolation(sealed: Sealed, user: ServerUser, isTmpfsIgnored: boolean): Isolation {
  const { seal } = sealed.holder;
  const why = sealed.obstacles.length > 0 ? ` (${sealed.obstacles.join('; ')})` : '';
  const network =
    seal === 'open'
      ? `the host's network can be reached${why}`
      : 'a network namespace with no interface but loopback, and process and IPC namespaces of its own';
  const files =
    seal === 'own-root'
      ? 'only the host’s programs are visible, read-only'
      : `the host's files are seen as user ${user.name} sees them${seal === 'own-network' ? why : ''}`;
  const limits = 'no limits on memory, CPU and processes';
  const storage = isTmpfsIgnored ? '; tmpfs is not available, data is on disk' : '';
  return {
    network: seal === 'open' ? 'open' : 'none',
    sentence: `${network}; ${files}; runs as ${user.name} without privileges; ${limits}${storage}`,
  };
}

function firstLine(error: unknown): string {
  const { message } = error as Error;
  return message.split('\n').at(0) ?? message;
}
