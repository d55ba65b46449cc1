import type { RunRecord } from '../record/run-record.ts';
import type { StandingFacts } from './standing-facts.ts';

/**
 * Leaves out runs of an older backup that a user requested by its key (`--backup KEY`, `bisect`) although a newer one existed: their results apply to that
 * backup, and say nothing about recovery from the newest. They are kept if there are no other runs.
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
