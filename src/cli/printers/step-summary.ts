import type { RunRecord } from '../../record/run-record.ts';
import { escapeMarkdown, table } from '../../report/render/markdown-table.ts';
import { describeError } from '../../support/errors.ts';
import { toPrintable } from '../../support/printable.ts';
import { formatAge, formatDuration } from '../../support/quantities.ts';
import type { Unrecorded } from './junit.ts';

/** Runs as Markdown for the summary of a CI job: a line per drill, and the reason and what to do for those that did not pass. */
export function toStepSummary(runs: readonly RunRecord[], unrecorded: readonly Unrecorded[]): string {
  const total = runs.length + unrecorded.length;
  const passed = runs.filter(({ verdict }) => verdict === 'passed').length;
  const drills = total === 1 ? 'database' : 'databases';
  const rows = [
    ...runs.map(rowOfRun),
    ...unrecorded.map(({ drill, code }) => ['⚠ not recorded', drill, '', '', '', code]),
  ];
  const troubles = [
    ...runs.flatMap(describeTrouble),
    ...unrecorded.map(({ drill, message }) => describe(drill, message)),
  ];
  return [
    `## Firedrill: ${passed} of ${total} ${drills} recoverable`,
    table(['', 'Drill', 'Recovery', 'Data', 'Checks', 'Run'], rows),
    ...troubles,
    '',
  ].join('\n\n');
}

const MARKS = { passed: '✅ passed', failed: '❌ failed' } as const;

function rowOfRun(run: RunRecord): readonly string[] {
  const { rtoMs, rpoMs } = run.objectives;
  const of = (target: string, ms: number | undefined) => (ms === undefined ? '' : ` (${target} ${formatDuration(ms)})`);
  return [
    run.verdict ? MARKS[run.verdict] : `⚠ ${run.status}`,
    run.drill,
    run.recoveryTimeMs === undefined ? '–' : `${formatDuration(run.recoveryTimeMs)}${of('RTO', rtoMs)}`,
    run.dataLossMs === undefined ? '–' : `${formatAge(run.dataLossMs)} old${of('RPO', rpoMs)}`,
    `${run.checks.filter(({ passed }) => passed).length} of ${run.checks.length}`,
    run.id,
  ];
}

function describeTrouble(run: RunRecord): readonly string[] {
  if (run.verdict === 'passed') return [];
  const why = run.reasons.flatMap(({ sentence, hint }) => [sentence, ...(hint === undefined ? [] : [hint])]);
  const broke = run.error ? [describeError(run.error), run.error.hint ?? ''] : [];
  return [describe(run.drill, [...why, ...(run.status === 'completed' ? [] : broke)].filter(Boolean).join('\n'))];
}

function describe(drill: string, text: string): string {
  const lines = text.split('\n').map((line) => `- ${escapeMarkdown(toPrintable(line, 2000))}`);
  return `### ${escapeMarkdown(drill)}\n\n${lines.join('\n')}`;
}
