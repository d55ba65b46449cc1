import type { RunRecord } from '../record/run-record.ts';
import type { Reason } from '../support/vocabulary.ts';

type Judged = Pick<RunRecord, 'status' | 'verdict' | 'reasons' | 'endedBy'>;

/** Where to look for the cause of a run that did not pass, as a sentence. @returns undefined for a run that passed or is in progress. */
export function describeFault({ status, verdict, reasons, endedBy }: Judged): string | undefined {
  if (status === 'errored') return 'The drill: its configuration or environment. Nothing is known about the backup.';
  if (status === 'interrupted') return INTERRUPTED[endedBy ?? 'process-lost'];
  if (verdict !== 'failed') return undefined;
  const sentences = [...new Set(reasons.map(({ reason }) => FAULTS[reason]))];
  return sentences.length === 0 ? 'The backup or its recovery.' : sentences.join(' ');
}

const FAULTS: Readonly<Record<Reason, string>> = {
  'missing-backup': 'The backup job or its storage: there is no backup to recover from.',
  'stale-backup': 'The backup job: it has not produced a recent backup.',
  unrestorable: 'The backup: it cannot be restored.',
  'wrong-data': 'The data in the backup, or a check with a wrong expectation.',
  'too-slow': 'Recovery: the data was recovered, but too late.',
  unprotected: 'The storage: this backup can be deleted.',
};

const INTERRUPTED: Readonly<Record<NonNullable<RunRecord['endedBy']>, string>> = {
  itself: 'It ended early. There is no verdict.',
  deadline: 'The drill: it took longer than its deadline. There is no verdict.',
  user: 'It was canceled. There is no verdict.',
  shutdown: 'Firedrill was stopped. There is no verdict.',
  'process-lost': 'The machine or Firedrill itself: the process running the drill died. There is no verdict.',
};
