import type { RunRecord } from '../record/run-record.ts';
import type { StandingFacts } from './standing-facts.ts';

/**
 * Leaves out runs of an older backup that a person asked for by its key (`--backup KEY`, `bisect`) while there was a newer one: what they found is true of
 * that backup, and says nothing about recovery from the newest. Where there are no others, they stay.
 */
export function withoutOlderBackups(facts: StandingFacts): StandingFacts {
  const runs = facts.runs.filter((run) => !isOfOlderBackup(run));
  if (runs.length === facts.runs.length) return facts;
  const lastVerdict = facts.lastVerdict && isOfOlderBackup(facts.lastVerdict) ? undefined : facts.lastVerdict;
  if (runs.length > 0) return { ...facts, runs, lastVerdict };
  return lastVerdict ? { ...facts, runs: [lastVerdict], lastVerdict } : facts;
}

export function isOfOlderBackup({ status, backup, definition }: RunRecord): boolean {
  if (status !== 'completed' || !backup?.newestTakenAt || backup.takenAt >= backup.newestTakenAt) return false;
  const { backup: spec } = JSON.parse(definition) as { backup?: { select?: { by?: unknown } } };
  return spec?.select?.by === 'key';
}
