import { formatAge } from '../../support/quantities.ts';
import { COVERAGE_WORDS } from '../../support/vocabulary.ts';
import type { DiscoveredGaps, Report } from '../report.ts';
import type { AttainmentRow } from '../report-attainment.ts';
import type { Trend } from '../report-trend.ts';
import { describeArchiveLags } from './archive-trend.ts';
import { markdownEvidence } from './markdown-evidence.ts';
import { escapeMarkdown, table } from './markdown-table.ts';
import { describeCovered, describeScope, formatGapAge, GAPS, titleOf } from './titles.ts';
import {
  describeTeardown,
  formatAt,
  formatBudget,
  formatMeasure,
  formatMs,
  formatSize,
  formatTargetShare,
  nameTier,
  plural,
} from './vocabulary.ts';

/** The report as GitHub-flavored Markdown: every part except the charts, which only the HTML has. */
export function renderMarkdown(report: Report, made: { readonly version: string }): string {
  const parts = [
    `# ${escapeMarkdown(titleOf(report))}`,
    escapeMarkdown(describeScope(report)),
    ...headline(report),
    ...attainment(report),
    ...trends(report),
    ...coverage(report),
    ...incidents(report),
    ...audit(report),
    `Made by Firedrill ${made.version} on ${formatAt(report.madeAt, report.period.zone)}. All dates and times are those of ${report.period.zone}.`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function headline({ headline: { text, statements } }: Report): string[] {
  const list = statements.map((statement) => `- ${escapeMarkdown(statement.text)}`).join('\n');
  return [`**${escapeMarkdown(text)}**`, ...(list === '' ? [] : [list])];
}

function attainment({ attainment: { all, tiers, months, targetShare, method } }: Report): string[] {
  const rowsOf = (name: string, { total, months: cells }: AttainmentRow) => {
    const named = cells.map((cell, index) => ({ month: months[index]?.label ?? '', cell }));
    return [...named.filter(({ cell }) => cell.runs > 0), { month: 'whole period', cell: total }].map(
      ({ month, cell }) => [
        name,
        month,
        String(cell.runs),
        formatMeasure(cell.passed),
        formatMeasure(cell.rto),
        formatMeasure(cell.rpo),
        formatMeasure(cell.data),
        formatBudget(cell.passed.budget),
        String(cell.errored + cell.interrupted),
      ],
    );
  };
  const rows = [rowsOf('all', all), ...(tiers.length > 1 ? tiers.map((row) => rowsOf(nameTier(row.tier), row)) : [])];
  const heads = [
    'Drills',
    'Month',
    'Runs',
    'All met',
    'Within RTO',
    'Within RPO',
    'Right data',
    'Error budget',
    'No verdict',
  ];
  return [
    '## Runs meeting objectives',
    `Wanted: ${formatTargetShare(targetShare)}.`,
    table(heads, rows.flat()),
    escapeMarkdown(method),
  ];
}

function trends({ trends: all }: Report): string[] {
  const archived = all.some(({ archive }) => archive !== undefined);
  const rowOf = ({ drill, runs, recovery, rtoMs, sizeBytes, archive, change, forecast }: Trend) => [
    drill,
    String(runs),
    formatMs(recovery.medianMs),
    formatMs(recovery.p95Ms),
    formatMs(rtoMs),
    sizeBytes ? `${formatSize(sizeBytes.first)} → ${formatSize(sizeBytes.last)}` : '–',
    change.sentence,
    forecast.sentence,
    ...(archived ? [archive ? describeArchiveLags(archive) : '–'] : []),
  ];
  const own = ['Drill', 'Runs', 'Median', '95th percentile', 'Target', 'Backup', 'Change', 'Forecast'];
  const heads = archived ? [...own, 'Log archive'] : own;
  return ['## Recovery times and forecasts', all.length === 0 ? 'No drill has run.' : table(heads, all.map(rowOf))];
}

function coverage(report: Report): string[] {
  const { coverage: covered } = report;
  const rows = covered.gaps.map((gap) => [
    gap.drill,
    nameTier(gap.tier),
    GAPS[gap.kind],
    formatGapAge(gap),
    gap.sentence,
  ]);
  return [
    '## Coverage gaps',
    escapeMarkdown(describeCovered(report)),
    ...(rows.length === 0 ? [] : [table(['Drill', 'Tier', 'Gap', 'For', 'What is known'], rows)]),
    ...(covered.recoveryIdentities.length === 0
      ? []
      : [
          table(
            ['Drill', 'Recovery identity'],
            covered.recoveryIdentities.map(({ drill, sentence }) => [drill, sentence]),
          ),
        ]),
    ...(covered.proofs.length === 0
      ? []
      : [
          table(
            ['Drill', 'Proof of its checks'],
            covered.proofs.map(({ drill, sentence }) => [drill, sentence]),
          ),
        ]),
    ...(covered.races.length === 0
      ? []
      : [
          table(
            ['Drill', 'Raced with', 'Which recovers first'],
            covered.races.map(({ drill, against, sentences }) => [drill, against, sentences.join('; ')]),
          ),
        ]),
    ...(report.discovery ? discovered(report, report.discovery) : []),
  ];
}

function discovered({ period: { zone } }: Report, { lookedAt, sentence, gaps, problems }: DiscoveredGaps): string[] {
  const rows = gaps.map(({ name, state, content, where }) => [name, COVERAGE_WORDS[state], content, where]);
  return [
    escapeMarkdown(`As of ${formatAt(lookedAt, zone)}, ${sentence}.`),
    ...(rows.length === 0 ? [] : [table(['Not covered', 'State', 'Content', 'Where'], rows)]),
    ...problems.map(({ where, message }) => escapeMarkdown(`Could not look at ${where}: ${message}`)),
  ];
}

function incidents({ incidents: all, period: { zone } }: Report): string[] {
  const rows = all.map(({ drill, reasons, errorCodes, last, first, resolved, ageMs, runs }) => [
    drill,
    [...reasons, ...errorCodes].join(', '),
    last.sentence,
    `${formatAt(first.at, zone)}, ${first.runId}`,
    resolved ? `${formatAt(resolved.at, zone)}, ${resolved.runId}` : 'still open',
    formatAge(ageMs),
    String(runs),
  ]);
  const heads = ['Drill', 'Why', 'In words', 'Since', 'Resolved', 'Lasted', 'Runs'];
  return ['## Failures', rows.length === 0 ? 'Nothing failed in the period.' : table(heads, rows)];
}

function audit({ audit: { retention, sampling, teardown, controls, runs }, period: { zone } }: Report): string[] {
  const rows = controls.map(({ framework, clause, title, asks, evidence }) => [
    `${framework} ${clause}${title === undefined ? '' : `: ${title}`}`,
    asks,
    evidence.map(({ shows }) => shows).join('; '),
  ]);
  return [
    '## Evidence',
    [
      `- ${escapeMarkdown(retention)}`,
      `- ${sampling.shown} of ${plural(sampling.of, 'run')} shown. ${escapeMarkdown(sampling.rule)}`,
      `- Teardown: ${describeTeardown(teardown)}.`,
    ].join('\n'),
    table(['Control', 'Requirement', 'This report shows'], rows),
    ...markdownEvidence(runs, zone),
  ];
}
