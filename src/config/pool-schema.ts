import { z } from 'zod';

/** The pool of drills that name none: `firedrill serve` runs them itself; with `--only`, it leaves them to the runners of this pool. */
export const DEFAULT_POOL = 'default';

/** `pool:` in a drill file: which runners run it. */
export const poolSchema = z
  .string({ error: 'must be the name of a pool, such as eu-payments' })
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, {
    error: 'must be 1 to 63 lower-case letters, digits, dots, dashes and underscores, and begin with a letter or digit',
  })
  .describe(
    'The pool of runners that runs this drill when it is due: machines with `firedrill runner --pool NAME`. Needs a store on PostgreSQL. Default: `default`, which `firedrill serve` runs itself, unless it is started with `--only scheduler`.',
  )
  .meta({ examples: ['eu-payments'] });

/** @param hasQueue whether the store has a queue for runs that wait for a runner. */
export function resolvePool(
  pool: string | undefined,
  hasQueue: boolean,
  report: (path: readonly PropertyKey[], message: string) => void,
): { readonly pool?: string } {
  if (pool === undefined || pool === DEFAULT_POOL) return {};
  if (!hasQueue)
    report(
      ['pool'],
      `needs a store on PostgreSQL, which runners share: set \`store: postgres://…\`, or remove \`pool\``,
    );
  return { pool };
}
