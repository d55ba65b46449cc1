import type { RunRecord } from '../record/run-record.ts';

/** How many runs with a verdict met every objective. */
export interface RunAttainment {
  readonly met: number;
  readonly judged: number;
}

/** A run without a verdict says nothing of recovery, and counts for neither. */
export function attainmentOf(runs: readonly Pick<RunRecord, 'verdict'>[]): RunAttainment {
  const judged = runs.filter(({ verdict }) => verdict !== undefined);
  return { met: judged.filter(({ verdict }) => verdict === 'passed').length, judged: judged.length };
}

/** `97 % (35 of 36)`; never 100 % while one was missed. `–` without any. */
export function describeAttainment({ met, judged }: RunAttainment): string {
  if (judged === 0) return '–';
  const percent = met === judged ? 100 : Math.min(99, Math.round((met / judged) * 100));
  return `${percent} % (${met} of ${judged})`;
}
