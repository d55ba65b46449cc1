/** How many runs with a verdict met every objective. A run without one says nothing of recovery, and counts for neither. */
export interface RunAttainment {
  readonly met: number;
  readonly judged: number;
}

/** `97 % (35 of 36)`; never 100 % while one was missed. `–` without any. */
export function describeAttainment({ met, judged }: RunAttainment): string {
  if (judged === 0) return '–';
  const percent = met === judged ? 100 : Math.min(99, Math.round((met / judged) * 100));
  return `${percent} % (${met} of ${judged})`;
}
