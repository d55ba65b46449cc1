import { z } from 'zod';
import { SOURCE_EXAMPLES } from '../backup/registry.ts';
import type { RunLimit } from '../record/run-limits.ts';
import { mapping, wholeNumber } from './fields.ts';
import { DEFAULT_POOL, poolSchema } from './pool-schema.ts';

const runs = () => wholeNumber(1, 1000);

/** `limits:` of the settings. */
export const limitsSchema = mapping({
  sources: z
    .record(
      z.string().regex(/^\S/, { error: `must be the beginning of a source: ${SOURCE_EXAMPLES}` }),
      mapping({
        maxRuns: runs().describe('How many runs that read from it may be in progress at once.'),
      }),
      { error: 'must be a mapping of limits by the beginning of a source, such as s3://acme-backups/' },
    )
    .default({})
    .describe('By the beginning of a source, as runs name it; all that fit apply.'),
  pools: z
    .record(
      poolSchema.refine((pool) => pool !== DEFAULT_POOL, {
        error: `is not a pool of runners; for the drills of \`firedrill serve\` itself, set serve.sandboxes`,
      }),
      mapping({ maxRuns: runs().describe('How many runs its runners may have in progress at once, all together.') }),
      { error: 'must be a mapping of limits by the name of a pool, such as eu-payments' },
    )
    .default({})
    .describe('By the name of a pool.'),
});

/** What holds for all machines that share a store. */
export interface FleetLimits {
  readonly runs: readonly RunLimit[];
}

export function resolveLimits({ sources, pools }: z.output<typeof limitsSchema>): FleetLimits {
  const ofSources = Object.entries(sources).map(([name, { maxRuns }]) => ({ kind: 'source', name, maxRuns }) as const);
  const ofPools = Object.entries(pools).map(([name, { maxRuns }]) => ({ kind: 'pool', name, maxRuns }) as const);
  return { runs: [...ofSources, ...ofPools] };
}
