import type { Progress, RunEvent } from '../run/contract.ts';
import { describeTransfer } from '../run/progress-words.ts';
import { formatDuration } from '../support/quantities.ts';
import { nameStage, STAGES, type StageName } from '../support/vocabulary.ts';
import { type Paint, printable } from './style.ts';

/** The texts about a run on a terminal, the same whether they are redrawn or scroll. */

/** `restore: loading payment, 41 %, 86.4 MB of 211 MB at 12.1 MB/s, 10.0 s left`; a stalled one is marked. */
export function formatProgress(progress: Progress): string {
  const { doing, ratio, etaMs, isStalled } = progress;
  const parts = [printable(doing)];
  if (ratio !== undefined) parts.push(`${Math.floor(ratio * 100)} %`);
  parts.push(describeTransfer(progress));
  if (isStalled) parts.push('nothing was read for 5 s, time left not known');
  else if (etaMs !== undefined && etaMs >= 1000) parts.push(`${formatDuration(etaMs)} left`);
  return parts.filter(Boolean).join(', ');
}

const NAME_WIDTH = Math.max(...STAGES.map((stage) => stage.length));

/** The stage name padded to a column. */
export function padStage(stage: StageName): string {
  return nameStage(stage).padEnd(NAME_WIDTH);
}

/** `restore        4.2 s  211 MB into database orders`; a failed stage is marked. */
export function formatStage(event: Extract<RunEvent, { type: 'stage-ended' }>): string {
  const duration = event.outcome === 'skipped' ? '–' : formatDuration(event.durationMs);
  const said = event.outcome === 'ok' || event.outcome === 'skipped' ? (event.summary ?? '') : event.outcome;
  return `${padStage(event.stage)} ${duration.padStart(9)}  ${printable(said)}`.trimEnd();
}

/** `✔ customers are all there: 599 (expected at least 599)`. */
export function formatCheck({ check }: Extract<RunEvent, { type: 'check' }>): string {
  const mark = check.passed ? '✔' : '✖';
  return `${mark} ${printable(check.name)}: ${printable(check.actual)} (expected ${printable(check.expected)})`;
}

/** The end of a run: its verdict line, every reason with its next step, warnings, and where to read more. */
export function formatEnding({ run, sentence }: Extract<RunEvent, { type: 'run-ended' }>): string[] {
  const lines = [printable(sentence)];
  // The verdict line already has each reason; this adds what to do about it.
  for (const { reason, hint } of run.reasons) if (hint) lines.push(`  HINT (${reason}): ${printable(hint)}`);
  const { error } = run;
  const isBeside = error && run.reasons.every(({ sentence }) => sentence !== error.message);
  if (isBeside && run.status === 'completed') lines.push(`  ${error.code}: ${printable(error.message)}`);
  if (run.error && (isBeside || run.status !== 'completed')) {
    lines.push(...run.error.details.slice(0, 10).map((detail) => `  ${printable(detail)}`));
    if (run.error.hint) lines.push(`  HINT: ${printable(run.error.hint)}`);
  }
  for (const error of run.restoreErrors.slice(0, 5)) lines.push(`  restore: ${printable(error)}`);
  for (const warning of run.warnings) lines.push(`  WARNING: ${printable(warning)}`);
  if (run.verdict !== 'passed') lines.push(`  more: firedrill show ${run.id}`);
  return lines;
}

/** Green, red or yellow for the verdict line, yellow for warnings and red for reasons; the rest is unchanged. */
export function paintEnding(
  { run }: Extract<RunEvent, { type: 'run-ended' }>,
  [verdict = '', ...rest]: readonly string[],
  paint: Paint,
): string[] {
  const colour = run.verdict === 'passed' ? 'green' : run.verdict === 'failed' ? 'red' : 'yellow';
  return [
    paint(['bold', colour], verdict),
    ...rest.map((line) => (line.startsWith('  WARNING:') ? paint('yellow', line) : line)),
  ];
}

/** How long the sandbox is kept, and how to connect to it. */
export function formatKept(event: Extract<RunEvent, { type: 'kept' }>): string[] {
  return [
    `  kept until ${event.until.toISOString()}; Ctrl-C removes it now`,
    `  shell:   ${printable(event.shellCommand)}`,
    ...(event.clientCommand ? [`  connect: ${printable(event.clientCommand)}`] : []),
  ];
}
