import { z } from 'zod';
import { STANDING_STATES } from '../../support/vocabulary.ts';

/** Reasons why a drill needs attention, in addition to its state. `late`: a run that was due has not started, or one takes longer than the RTO. */
export const NEEDS = ['failing', 'errored', 'never', 'breach', 'recovery-key', 'backup', 'late'] as const;
export type Need = (typeof NEEDS)[number];

export const GROUPINGS = ['owner', 'tier', 'service'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Sort keys of the list. Without one it is in the usual list order: failing first, tier 1 before the others. */
export const SORTS = ['name', 'tier', 'owner', 'recovery', 'backup', 'next'] as const;
export type Sort = (typeof SORTS)[number];

const DESCENDING = SORTS.map((sort) => `-${sort}` as const);
const text = z.string().max(200);

/** The address of the overview. */
export const overviewQuery = z.strictObject({
  q: text.optional(),
  state: z.enum(['bad', ...STANDING_STATES]).optional(),
  needs: z.enum(NEEDS).optional(),
  tier: z.coerce.number().int().min(0).max(9).optional(),
  owner: text.optional(),
  service: text.optional(),
  label: text.regex(/=/).optional(),
  group: z.enum(GROUPINGS).optional(),
  sort: z.enum([...SORTS, ...DESCENDING]).optional(),
});
export type OverviewQuery = z.output<typeof overviewQuery>;

/** Whether it asks for fewer than all drills. */
export function isFiltered({ group: _, sort: __, ...filters }: OverviewQuery): boolean {
  return Object.values(filters).some((value) => value !== undefined);
}
