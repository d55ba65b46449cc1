import type { RunRecord } from '../record/run-record.ts';
import type { Reason } from '../support/vocabulary.ts';

/** Applies to every kind of error, because none of them says anything about what is stored. */
export const ERRORS_SAY_NOTHING =
  'A request error says nothing about the stored data, and each request is retried until all of its bytes have arrived. What is at risk is the recovery time, and the recovery itself once retries no longer help.';

export interface DoubtfulRun extends Pick<RunRecord, 'drill' | 'status' | 'verdict'> {
  readonly reasons: readonly Reason[];
}

/** Failures that say something about the backup itself. */
const ABOUT_BACKUP: readonly Reason[] = ['missing-backup', 'unrestorable', 'wrong-data'];
const NAMED_DRILLS = 5;

/**
 * Whether backups that were read while requests to the store failed are in doubt: what the newest run of each drill has shown.
 * @param runs that had errors, newest first.
 */
export function describeDoubt(runs: readonly DoubtfulRun[]): string {
  const newest = [...Map.groupBy(runs, ({ drill }) => drill).values()].flatMap(([run]) => run ?? []);
  const ended = newest.filter(({ status }) => status !== 'running');
  const failed = ended.filter(({ reasons }) => reasons.some((reason) => ABOUT_BACKUP.includes(reason)));
  const unproven = ended.filter(({ verdict }) => verdict === undefined);
  const sentences = [
    failed.length > 0 &&
      `In doubt: the backups of ${nameDrills(failed)}, whose runs failed for other reasons. See the run.`,
    unproven.length > 0 &&
      `Not proven: the backups of ${nameDrills(unproven)}, whose newest run with request errors has no verdict. Run the drill again.`,
    ended.length > 0 &&
      failed.length + unproven.length === 0 &&
      'No backup is in doubt: each drill with request errors restored and checked its backup.',
    ERRORS_SAY_NOTHING,
  ];
  return sentences.filter((sentence) => sentence !== false).join(' ');
}

function nameDrills(runs: readonly DoubtfulRun[]): string {
  const named = runs.slice(0, NAMED_DRILLS).map(({ drill }) => drill);
  const more = runs.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
