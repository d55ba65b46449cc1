import type { Report } from '../report.ts';
import type { DrillRow } from '../report-summary.ts';
import { escapeMarkdown, table } from './markdown-table.ts';
import { describeUnusual } from './provider-section.ts';
import {
  clip,
  describeProven,
  describeSince,
  failingNow,
  formatHeadroom,
  groupGaps,
  nameSome,
  shortForecast,
  summaryTiles,
} from './summary.ts';
import { describeCompared, describeCovered } from './titles.ts';
import { formatMs, nameTier } from './vocabulary.ts';

const MAX_NAMES = 8;

/** The first page: verdict, numbers, every drill, open failures, coverage gaps. */
export function markdownPageOne(report: Report): string[] {
  const tiles = summaryTiles(report).map(({ label, value, change, note }) => [label, value, change ?? '–', note ?? '']);
  const unusual = describeUnusual(report);
  return [
    `**${escapeMarkdown(report.headline.text)}**`,
    table(['', 'Now', 'Change', ''], tiles),
    report.previous
      ? escapeMarkdown(`Changes compare with ${describeCompared(report)}.`)
      : 'No runs in the previous period to compare with.',
    ...(unusual === undefined ? [] : [`**${escapeMarkdown(unusual)}**`]),
    ...drills(report),
    ...failing(report),
    ...notCovered(report),
  ];
}

function drills({ drills: rows, period: { zone } }: Report): string[] {
  if (rows.length === 0) return [];
  const heads = ['Drill', 'Result', 'Tier', 'Proven', 'Median', 'p95', 'RTO', 'Headroom', 'Misses RTO'];
  const toRow = (row: DrillRow) => [
    row.drill,
    row.result.replaceAll('-', ' '),
    row.tier === undefined ? '–' : String(row.tier),
    describeProven(row, zone),
    formatMs(row.recovery.medianMs),
    formatMs(row.recovery.p95Ms),
    formatMs(row.rtoMs),
    formatHeadroom(row.headroom),
    shortForecast(row.forecast, zone),
  ];
  return [table(heads, rows.map(toRow))];
}

function failing(report: Report): string[] {
  const { zone } = report.period;
  const lines = failingNow(report).map(
    (incident) =>
      `- ${escapeMarkdown(`${incident.drill} (${nameTier(incident.tier)}, ${describeSince(incident, zone)}): ${clip(incident.last.sentence, 140)}`)}`,
  );
  return ['### What fails', lines.length === 0 ? 'Nothing fails.' : lines.join('\n')];
}

function notCovered(report: Report): string[] {
  const found = report.discovery?.gaps ?? [];
  const lines = [
    ...groupGaps(report).map(({ words, drills: names }) => `${words}: ${nameSome(names, MAX_NAMES)}`),
    ...(found.length > 0
      ? [
          `backups and databases without a drill: ${nameSome(
            found.map(({ name }) => clip(name, 40)),
            MAX_NAMES,
          )}`,
        ]
      : []),
  ];
  return [
    '### What is not covered',
    lines.length === 0
      ? escapeMarkdown(describeCovered(report))
      : lines.map((line) => `- ${escapeMarkdown(line)}`).join('\n'),
  ];
}
