import { z } from 'zod';
import { SOURCE_EXAMPLES } from '../backup/registry.ts';
import type { FleetLimits } from '../record/run-limits.ts';
import { parseSizeBytes } from '../support/quantities.ts';
import { mapping, wholeNumber } from './fields.ts';
import { poolSchema } from './pool-schema.ts';
import { money, parseMoney, type pricesSchema } from './prices-schema.ts';

const MIN_BYTES_PER_SECOND = 2 ** 20;

/** `100m`: powers of 1024; a source that delivers much less counts as broken. */
const rate = () => {
  const error = 'must be a size with a unit such as 100m, at least 1m';
  return z
    .string({ error })
    .refine((text) => /[a-z]/i.test(text) && (parseSizeBytes(text) ?? 0) >= MIN_BYTES_PER_SECOND, { error })
    .meta({ pattern: '^\\d+(\\.\\d+)?\\s*[bkmgtBKMGT](i?[bB])?$' });
};

const runs = () => wholeNumber(1, 1000);

/** `limits:` in the settings. */
export const limitsSchema = mapping({
  sources: z
    .record(
      z.string().regex(/^\S/, { error: `must be the beginning of a source: ${SOURCE_EXAMPLES}` }),
      mapping({
        maxRuns: runs().optional().describe('How many runs that read from it may be in progress at once.'),
        maxBytesPerSecond: rate()
          .optional()
          .describe(
            'How much may be read from it per second, in powers of 1024, divided evenly among the runs in progress that read from it.',
          )
          .meta({ examples: ['100m'] }),
      }).refine(({ maxRuns, maxBytesPerSecond }) => maxRuns !== undefined || maxBytesPerSecond !== undefined, {
        error: 'is empty; set maxRuns, maxBytesPerSecond or both',
      }),
      { error: 'must be a mapping of limits by the beginning of a source, such as s3://acme-backups/' },
    )
    .default({})
    .describe('Limits by source prefix, as runs show the source; all matching limits apply.'),
  pools: z
    .record(
      poolSchema,
      mapping({ maxRuns: runs().describe('How many runs all its runners together may have in progress at once.') }),
      { error: 'must be a mapping of limits by the name of a pool, such as eu-payments' },
    )
    .default({})
    .describe(
      'Limits by pool name, such as `default`, the pool of `firedrill runner` without `--pool`. Runs of `firedrill serve` itself are limited by `serve.sandboxes`.',
    ),
  costPerMonth: money()
    .optional()
    .describe(
      'What the runs that start in a calendar month (UTC) may cost together, at the `prices`. A scheduled run that would exceed it is skipped.',
    )
    .meta({ examples: ['200 USD'] }),
});

export function resolveLimits({ sources, pools, costPerMonth }: z.output<typeof limitsSchema>): FleetLimits {
  const limited = Object.entries(sources).map(([of, { maxRuns, maxBytesPerSecond: rate }]) => {
    const bytesPerSecond = rate === undefined ? undefined : parseSizeBytes(rate);
    return { of, maxRuns, bytesPerSecond };
  });
  return {
    runs: [
      ...limited.flatMap(({ of, maxRuns }) => (maxRuns ? [{ kind: 'source', name: of, maxRuns } as const] : [])),
      ...Object.entries(pools).map(([name, { maxRuns }]) => ({ kind: 'pool', name, maxRuns }) as const),
    ],
    ...(costPerMonth !== undefined && { costPerMonth: parseMoney(costPerMonth) }),
    rates: limited.flatMap(({ of, bytesPerSecond }) => (bytesPerSecond ? [{ of, bytesPerSecond }] : [])),
  };
}

/** @returns a problem with the monthly budget in combination with the prices; undefined: none. */
export function explainBudget(
  { costPerMonth }: z.output<typeof limitsSchema>,
  prices: z.output<typeof pricesSchema>,
): string | undefined {
  if (costPerMonth === undefined) return undefined;
  const { currency } = parseMoney(costPerMonth);
  const all = Object.entries(prices);
  if (all.length === 0) return 'needs `prices`: without them no run has a cost';
  const other = all.find(([, price]) => price.currency !== currency);
  return other && `is in ${currency}, and prices → ${other[0]} in ${other[1].currency}; use one currency`;
}
