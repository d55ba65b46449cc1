import { z } from 'zod';

const MAX_RACED = 4;

/** `race:` in a drill file: the names of other drills. Their existence is checked once all files are known. */
export const raceSchema = z
  .array(z.string({ error: 'must be the name of a drill' }).min(1, { error: 'must be the name of a drill' }), {
    error: 'must be a list of names of drills, such as [orders-physical]',
  })
  .min(1, { error: 'is empty: name the drill to race with' })
  .refine((names) => names.length <= MAX_RACED, { error: `names more than ${MAX_RACED} drills` })
  .refine((names) => new Set(names).size === names.length, { error: 'names a drill twice' })
  .describe(
    'Names of drills that recover the same database another way, such as from a dump or from a physical backup. `firedrill run` runs them one after the other; `show`, pages and reports say which recovers first, by how much, and at what data size that changes. The list may include the drill itself.',
  )
  .meta({ examples: [['orders-dump', 'orders-physical']] });

/** The other drills. */
export function resolveRace(
  { name, race }: { readonly name: string; readonly race?: readonly string[] | undefined },
  report: (path: readonly PropertyKey[], message: string) => void,
): { readonly race?: readonly string[] } {
  const others = race?.filter((one) => one !== name);
  if (!others) return {};
  if (others.length === 0) report(['race'], 'names only this drill: name another to race with');
  return { race: others };
}
