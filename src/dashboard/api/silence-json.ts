import type { z } from 'zod';
import type { Silence } from '../../record/silence-store.ts';
import { phaseOf } from '../../status/silenced.ts';
import type * as schemas from './silence-schema.ts';

export function toSilence(silence: Silence, now: Date): z.infer<typeof schemas.silence> {
  const { id, match, from, until, reason, pausesRuns, at, by, ended } = silence;
  const { drills, owner, tier, labels } = match;
  return {
    id,
    phase: phaseOf(silence, now),
    match: {
      drills: drills ? [...drills] : null,
      owner: owner ?? null,
      tier: tier ?? null,
      labels: labels ? { ...labels } : null,
    },
    from: from.toISOString(),
    until: until.toISOString(),
    reason,
    pausesRuns,
    at: at.toISOString(),
    by,
    ended: ended ? { at: ended.at.toISOString(), by: ended.by } : null,
  };
}
