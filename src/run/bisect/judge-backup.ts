import type { RunRecord } from '../../record/run-record.ts';
import type { Reason } from '../../support/vocabulary.ts';
import type { Finding } from './search.ts';

type Judged = Pick<RunRecord, 'status' | 'verdict' | 'reasons' | 'checks'>;

/**
 * What a run shows about its backup's data. Only the data counts: if its checks passed, a backup is good even if recovery was too slow, or if it is old or not
 * protected.
 * @param checks how many the drill has; @param check the only one that counts; undefined: all do.
 */
export function judgeBackup(run: Judged, checks: number, check: string | undefined): Finding {
  if (run.status !== 'completed') return 'unknown';
  const has = (reason: Reason) => run.reasons.some((record) => record.reason === reason);
  if (check !== undefined) {
    const result = run.checks.find(({ name }) => name === check);
    if (result) return result.passed ? 'good' : 'bad';
    return has('unrestorable') || has('wrong-data') ? 'bad' : 'unknown';
  }
  if (run.verdict === 'passed') return 'good';
  if (has('unrestorable') || has('wrong-data')) return 'bad';
  return run.checks.length >= checks && run.checks.every(({ passed }) => passed) ? 'good' : 'unknown';
}
