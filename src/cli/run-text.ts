import type { CheckRecord } from '../record/check-record.ts';
import type { KeptSandbox, Progress, RunActivity } from '../run/contract.ts';
import { describeStall, describeTransfer } from '../run/progress-words.ts';
import type { EndedRun, EndedStage, StartedRun } from '../run/run-state.ts';
import { checkTexts } from '../support/check-instants.ts';
import { describeAccess } from '../support/identity-words.ts';
import { formatInstant } from '../support/instants.ts';
import { formatClock, formatCount, formatDuration } from '../support/quantities.ts';
import { nameStage, STAGES, type StageName } from '../support/vocabulary.ts';
import { NO_LINKS, type RunLinks } from './hyperlinks.ts';
import { shareBar } from './progress-bar.ts';
import { type Paint, printable } from './style.ts';

/** The texts about a run on a terminal, whether redrawn or scrolling. */

/** `orders (drills/orders.yaml, run 20261121-120000-abcdef)`. */
export function formatStart({ drill, drillFile, runId }: StartedRun, paint: Paint, links: RunLinks = NO_LINKS): string {
  return `${paint('bold', printable(drill))} (${links.file(printable(drillFile), drillFile)}, run ${links.run(runId, runId)})`;
}

/** `restore: loading payment, 41 %, 86.4 MB of 211 MB at 12.1 MB/s`; a stalled one is marked. */
export function formatProgress(progress: Progress): string {
  const { doing, ratio, isStalled } = progress;
  const parts = [printable(doing)];
  if (ratio !== undefined) parts.push(`${Math.floor(ratio * 100)} %`);
  parts.push(describeTransfer(progress));
  if (isStalled) parts.push(describeStall(progress));
  return parts.filter(Boolean).join(', ');
}

const BAR_WIDTH = 20;

/** `██████░░░░ proof: one bit flipped, 3 of 12, about 2:10 left`. @param sinceMs time since the last update. */
export function formatActivity({ doing, share, leftMs }: RunActivity, sinceMs: number): string {
  const restMs = leftMs === undefined ? 0 : leftMs - sinceMs;
  const left = restMs >= 1000 ? `, about ${formatClock(restMs)} left` : '';
  return `${share === undefined ? '' : `${shareBar(share, BAR_WIDTH)} `}${printable(doing)}${left}`;
}

const NAME_WIDTH = Math.max(...STAGES.map((stage) => stage.length));

/** The stage name padded to a column. */
export function padStage(stage: StageName): string {
  return nameStage(stage).padEnd(NAME_WIDTH);
}

/** `restore        4.2 s  211 MB into database orders`; a failed stage is marked. */
export function formatStage({ name, outcome, durationMs, summary }: EndedStage): string {
  const duration = outcome === 'skipped' ? '–' : formatDuration(durationMs);
  const said = outcome === 'ok' || outcome === 'skipped' ? (summary ?? '') : outcome;
  return `${padStage(name)} ${duration.padStart(9)}  ${printable(said)}`.trimEnd();
}

/** `✔ customers are all there: 599 (expected at least 599)`. */
function formatCheck(check: CheckRecord): string {
  const mark = check.passed ? '✔' : '✖';
  const { expected, actual } = checkTexts(check);
  return `${mark} ${printable(check.name)}: ${printable(actual)} (expected ${printable(expected)})`;
}

/** Number of evidence lines shown for a failed check; `firedrill show` has all. */
const MAX_DETAILS = 5;

/** A check's line below the stages, in its color; below it, why it failed. */
export function formatCheckLine(check: CheckRecord, paint: Paint): string {
  const { passed, details = [] } = check;
  const shown = passed ? [] : details.slice(0, MAX_DETAILS).map((line) => `\n      ${printable(line)}`);
  const rest = passed ? 0 : details.length - shown.length;
  const more = rest > 0 ? `\n      and ${formatCount(rest)} more` : '';
  return `  ${paint(passed ? 'green' : 'red', formatCheck(check))}${shown.join('')}${more}`;
}

/** The end of a run: its verdict line in color, every reason with its next step, warnings in yellow, and where to read more. */
export function formatEnding({ run, sentence }: EndedRun, paint: Paint, links: RunLinks = NO_LINKS): string[] {
  const color = run.verdict === 'passed' ? 'green' : run.verdict === 'failed' ? 'red' : 'yellow';
  const lines = [paint(['bold', color], printable(sentence))];
  if (run.identity?.name === 'recovery' && run.status === 'completed')
    lines.push(`  identity: ${printable(describeAccess(run.identity))}`);
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
  for (const warning of run.warnings) lines.push(paint('yellow', `  WARNING: ${printable(warning)}`));
  if (run.verdict !== 'passed') lines.push(`  more: ${links.run(`firedrill show ${run.id}`, run.id)}`);
  return lines;
}

/** How long the sandbox is kept, and how to connect to it. */
export function formatKept({ until, shellCommand, clientCommand }: KeptSandbox): string[] {
  return [
    `  kept until ${formatInstant(until)}; Ctrl-C removes it now`,
    `  shell:   ${printable(shellCommand)}`,
    ...(clientCommand ? [`  connect: ${printable(clientCommand)}`] : []),
  ];
}
