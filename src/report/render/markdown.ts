import { formatAge } from '../../support/quantities.ts';
import { COVERAGE_WORDS } from '../../support/vocabulary.ts';
import type { EvidenceFile } from '../format-kind.ts';
import type { DiscoveredGaps, Incident, Report } from '../report.ts';
import type { Measure } from '../report-attainment.ts';
import type { Trend } from '../report-trend.ts';
import { MAX_TRENDS, mostTelling, TELLING_RULE } from '../telling-trends.ts';
import { describeArchiveLags } from './archive-trend.ts';
import { panelsOf } from './attainment-section.ts';
import { describeEvidenceFile } from './audit-section.ts';
import { groupGapRows, groupKnown } from './coverage-section.ts';
import { describeRest, describeUntil, MAX_INCIDENTS, NOTHING_SAID } from './incident-section.ts';
import { markdownEvidence } from './markdown-evidence.ts';
import { markdownPageOne } from './markdown-page-one.ts';
import { escapeMarkdown, table } from './markdown-table.ts';
import { markdownProviders } from './provider-section.ts';
import { clip } from './summary.ts';
import { describeCovered, describeScope, formatGapAge, GAPS, titleOf } from './titles.ts';
import {
  describeTeardown,
  formatAt,
  formatBudget,
  formatMeasure,
  formatShare,
  formatSize,
  formatTargetShare,
  plural,
} from './vocabulary.ts';

export interface MarkdownOptions {
  readonly version: string;
  /** Where the evidence is, if it is not included. */
  readonly evidence?: EvidenceFile | undefined;
}

/** The report as GitHub-flavored Markdown, in the order and words of the HTML, without charts. */
export function renderMarkdown(report: Report, made: MarkdownOptions): string {
  return join(report, made, [
    ...markdownPageOne(report),
    ...attainment(report),
    ...incidents(report),
    ...acknowledgements(report),
    ...coverage(report),
    ...markdownProviders(report),
    ...trends(report),
    ...audit(report, made),
  ]);
}

/** Only the evidence, for a separate file. */
export function renderMarkdownEvidence(report: Report, made: { readonly version: string }): string {
  const { sampling, runs } = report.audit;
  return join(report, made, [
    '## Evidence',
    escapeMarkdown(`${sampling.shown} of ${plural(sampling.of, 'run')}. ${sampling.rule}`),
    ...markdownEvidence(runs, report.period.zone),
  ]);
}

function join(report: Report, { version }: { readonly version: string }, parts: readonly string[]): string {
  const { zone } = report.period;
  const whole = [
    `# ${escapeMarkdown(titleOf(report))}`,
    escapeMarkdown(describeScope(report)),
    ...parts,
    `Made by Firedrill ${version} on ${formatAt(report.madeAt, zone)}. All dates and times are in ${zone}.`,
  ];
  return `${whole.join('\n\n')}\n`;
}

function attainment(report: Report): string[] {
  const { targetShare, method, months } = report.attainment;
  const panels = panelsOf(report);
  const rows = panels.map(({ name, row: { total } }) => [
    name,
    String(total.runs),
    formatMeasure(total.passed),
    formatMeasure(total.rto),
    formatMeasure(total.rpo),
    formatMeasure(total.data),
    formatBudget(total.passed.budget),
    String(total.errored + total.interrupted),
  ]);
  const shareOf = ({ share }: Measure) => formatShare(share);
  const perMonth = panels.map(({ name, row }) => [name, ...row.months.map(({ passed }) => shareOf(passed))]);
  const heads = months.map(({ label, isPartial }) => `${label}${isPartial ? ' (part)' : ''}`);
  return [
    '## Runs meeting objectives',
    `Target ${formatTargetShare(targetShare)}.`,
    table(['Drills', 'Runs', 'All met', 'Within RTO', 'Within RPO', 'Right data', 'Error budget', 'No verdict'], rows),
    ...(months.length > 1 ? [table(['All met, per month', ...heads], perMonth)] : []),
    escapeMarkdown(method),
  ];
}

function incidents(report: Report): string[] {
  const failed = report.incidents.filter(({ kind }) => kind === 'failed');
  const unproven = report.incidents.filter(({ kind }) => kind === 'no-verdict');
  return [
    '## Failures',
    ...(failed.length === 0 ? ['No failed recoveries in this period.'] : incidentTable(report, failed)),
    ...(unproven.length === 0
      ? []
      : [
          'Runs without a verdict: the drill itself broke, so they say nothing about the backup.',
          ...incidentTable(report, unproven),
        ]),
  ];
}

function incidentTable({ period: { zone } }: Report, all: readonly Incident[]): string[] {
  const shown = all.slice(0, MAX_INCIDENTS);
  const rows = shown.map(({ drill, last, first, resolved, ageMs, runs }) => [
    drill,
    clip(last.sentence, 160),
    `${formatAt(first.at, zone)}, ${first.runId}`,
    resolved ? `${formatAt(resolved.at, zone)}, ${resolved.runId}` : 'still open',
    formatAge(ageMs),
    String(runs),
  ]);
  const rest = describeRest(all.length - shown.length, all[0]?.kind === 'failed' ? 'failed' : 'errored');
  const list = table(['Drill', 'Why', 'Since', 'Resolved', 'Lasted', 'Runs'], rows);
  return [list, ...(rest === undefined ? [] : [escapeMarkdown(rest)])];
}

function acknowledgements(report: Report): string[] {
  const { zone } = report.period;
  const said = report.acknowledgements.map((one) => [
    one.drill,
    one.kind,
    one.by,
    formatAt(one.at, zone),
    describeUntil(one, report),
    one.reason,
  ]);
  const silences = report.silences.map((one) => [
    one.match,
    one.pausesRuns ? 'paused' : 'as scheduled',
    one.by,
    formatAt(one.from, zone),
    describeUntil(one, report),
    one.reason,
  ]);
  return [
    '## Acknowledged and silenced',
    ...(said.length + silences.length === 0 ? [NOTHING_SAID] : []),
    ...(said.length > 0 ? [table(['Drill', 'Kind', 'By', 'Since', 'Until', 'Reason'], said)] : []),
    ...(silences.length > 0 ? [table(['Silenced', 'Scheduled runs', 'By', 'From', 'Until', 'Reason'], silences)] : []),
  ];
}

function coverage(report: Report): string[] {
  const { gaps, recoveryIdentities, proofs, races } = report.coverage;
  const rows = groupGapRows(gaps).map((gap) => [
    gap.drills.join(', '),
    GAPS[gap.kind],
    gap.sentence,
    formatGapAge(gap),
  ]);
  const known = (head: string, of: Parameters<typeof groupKnown>[0]) =>
    of.length === 0
      ? []
      : [
          table(
            [head, 'Drills'],
            groupKnown(of).map(({ sentence, drills }) => [sentence, drills.join(', ')]),
          ),
        ];
  return [
    '## What is not covered',
    escapeMarkdown(describeCovered(report)),
    ...(rows.length === 0 ? [] : [table(['Drill', 'Gap', 'What is known', 'For'], rows)]),
    ...(report.discovery ? discovered(report, report.discovery) : []),
    ...known('Recovery identity', recoveryIdentities),
    ...known('Proof of the checks', proofs),
    ...(races.length === 0
      ? []
      : [
          table(
            ['Drill', 'Raced with', 'Recovers first'],
            races.map(({ drill, against, sentences }) => [drill, against, sentences.join('; ')]),
          ),
        ]),
  ];
}

function discovered({ period: { zone } }: Report, { lookedAt, sentence, gaps, problems }: DiscoveredGaps): string[] {
  const rows = gaps.map(({ name, state, content, where }) => [name, COVERAGE_WORDS[state], content, where]);
  return [
    escapeMarkdown(`As of ${formatAt(lookedAt, zone)}, ${sentence}.`),
    ...(rows.length === 0 ? [] : [table(['Not covered', 'State', 'Content', 'Where'], rows)]),
    ...problems.map(({ where, message }) => escapeMarkdown(`Could not read ${where}: ${message}`)),
  ];
}

function trends(report: Report): string[] {
  const shown = mostTelling(report, MAX_TRENDS);
  const archived = shown.some(({ archive }) => archive !== undefined);
  const rowOf = ({ drill, runs, sizeBytes, archive, change, forecast }: Trend) => [
    drill,
    String(runs),
    sizeBytes ? `${formatSize(sizeBytes.first)} → ${formatSize(sizeBytes.last)}` : '–',
    change.sentence,
    forecast.sentence,
    ...(archived ? [archive ? describeArchiveLags(archive) : '–'] : []),
  ];
  const own = ['Drill', 'Runs', 'Backup', 'Change', 'Forecast'];
  return [
    '## Recovery times',
    ...(shown.length === 0
      ? ['No drill ran in this period.']
      : [
          `${shown.length} of ${plural(report.drills.length, 'drill')}: ${TELLING_RULE}.`,
          table(archived ? [...own, 'Log archive'] : own, shown.map(rowOf)),
        ]),
  ];
}

function audit(report: Report, { evidence }: MarkdownOptions): string[] {
  const { retention, sampling, teardown, controls, runs } = report.audit;
  const rows = controls.map(({ framework, clause, title, asks, evidence: pieces }) => [
    `${framework} ${clause}${title === undefined ? '' : `: ${title}`}`,
    asks,
    pieces.map(({ shows }) => shows).join('; '),
  ]);
  const told = describeTeardown(teardown);
  return [
    '## Evidence',
    escapeMarkdown(`${retention} ${told.slice(0, 1).toUpperCase()}${told.slice(1)}.`),
    table(['Control', 'Requirement', 'This report shows'], rows),
    ...(evidence
      ? [escapeMarkdown(describeEvidenceFile(report, evidence))]
      : [
          escapeMarkdown(`${sampling.shown} of ${plural(sampling.of, 'run')}. ${sampling.rule}`),
          ...markdownEvidence(runs, report.period.zone),
        ]),
  ];
}
