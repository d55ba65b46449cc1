/** How many runs with a verdict met every objective. A run without a verdict says nothing about recovery, and is not counted at all. */
export interface RunAttainment {
  readonly met: number;
  readonly judged: number;
}

/** `97 % (35 of 36)`; never 100 % if one was missed. `–` without any runs. */
export function describeAttainment({ met, judged }: RunAttainment): string {
  if (judged === 0) return '–';
  const percent = met === judged ? 100 : Math.min(99, Math.round((met / judged) * 100));
  return `${percent} % (${met} of ${judged})`;
}
