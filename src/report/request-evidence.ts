import type { RecordedRequest } from '../record/request-store.ts';
import { describeCounts, explainErrors, formatShare, formatUsual } from '../status/explain-requests.ts';
import { toJson } from '../support/json.ts';
import { formatCount, formatDuration } from '../support/quantities.ts';
import type { RequestEvidence } from './read-request-evidence.ts';

export const EVIDENCE_FORMATS = ['md', 'json'] as const;
export type EvidenceFormat = (typeof EVIDENCE_FORMATS)[number];

/** The file for a support ticket. Instants are ISO 8601 in UTC, because providers search their logs by them. */
export function renderRequestEvidence(evidence: RequestEvidence, format: EvidenceFormat, version: string): string {
  if (format === 'json') return `${toJson({ type: 'request-evidence', firedrill: version, ...evidence }, 2)}\n`;
  const { endpoints, unusualPeriods, failed, answered, runs, doubt, since, madeAt } = evidence;
  const parts = [
    '# Requests to backup storage',
    `From ${since.toISOString()} to ${madeAt.toISOString()}, recorded by Firedrill ${version}. Bodies, credentials and signatures are never recorded.`,
    ...(endpoints.length === 0 ? ['No request has been recorded in the last 30 days.'] : []),
    ...endpoints.flatMap((one) => [
      `## ${code(one.endpoint)}`,
      ...explainErrors(one),
      table(
        ['Operation', 'Requests, 24 h', 'Errors, 24 h', 'Rate', 'Usual at most', 'Errors, 29 days before', 'Kinds'],
        one.operations.map((operation) => [
          operation.operation,
          formatCount(operation.requests),
          formatCount(operation.errors),
          formatShare(operation.errors, operation.requests),
          operation.requests === 0 ? '–' : formatUsual(operation),
          `${formatCount(operation.usual.errors)} of ${formatCount(operation.usual.requests)}`,
          describeCounts(operation.counts),
        ]),
      ),
      table(
        ['Last 30 days, 24 hours each up to', 'Requests', 'Errors', 'Rate'],
        one.days.map(({ requests, errors }, index) => [
          new Date(madeAt.getTime() - (one.days.length - 1 - index) * 86_400_000).toISOString().slice(0, 16),
          formatCount(requests),
          formatCount(errors),
          formatShare(errors, requests),
        ]),
      ),
    ]),
    ...(unusualPeriods.length === 0
      ? []
      : [
          '## Unusual periods',
          table(
            ['Endpoint', 'Operation', 'From', 'To', 'Errors', 'Rate'],
            unusualPeriods.map(({ endpoint, operation, from, to, errors, requests }) => [
              code(endpoint),
              operation,
              from.toISOString(),
              to.toISOString(),
              `${formatCount(errors)} of ${formatCount(requests)}`,
              formatShare(errors, requests),
            ]),
          ),
        ]),
    '## Requests that failed',
    failed.length === 0 ? 'None in this period.' : sample(failed),
    ...(answered.length === 0 ? [] : ['## Requests that were answered, to compare with', sample(answered)]),
    '## Affected backups',
    runs.length === 0
      ? 'No run hit an error in this period.'
      : table(
          ['Run', 'Drill', 'Started', 'Result', 'Errors met', 'Backup'],
          runs.map(({ id, drill, startedAt, status, verdict, errors, backup }) => [
            id,
            drill,
            startedAt.toISOString(),
            verdict ?? status,
            formatCount(errors),
            backup === undefined ? 'none chosen' : code(backup),
          ]),
        ),
    doubt,
  ];
  return `${parts.join('\n\n')}\n`;
}

function sample(requests: readonly RecordedRequest[]): string {
  return table(
    [
      'At',
      'Endpoint',
      'Operation',
      'Key',
      'Status',
      'Outcome',
      'Attempt',
      'Duration',
      'Request ids',
      'Store said',
      'Headers',
    ],
    requests.map((one) => [
      one.at.toISOString(),
      code(one.endpoint),
      one.operation,
      one.key === undefined ? '' : code(one.key),
      one.status === undefined ? 'none' : String(one.status),
      one.outcome,
      String(one.attempt),
      formatDuration(one.durationMs),
      pairs(one.requestIds),
      one.said === undefined ? '' : code(one.said),
      pairs(one.headers),
    ]),
  );
}

function pairs(texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts)
    .map(([name, text]) => code(`${name}: ${text}`))
    .join(' ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text from a store, which may contain anything, as code in a table cell. */
function code(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('|', '\\|').replace(/\s+/g, ' ')}\``;
}
