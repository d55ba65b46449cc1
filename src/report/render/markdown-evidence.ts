import type { Evidence } from '../report.ts';
import { type EvidenceFact, evidenceFacts, type Piece } from './evidence-facts.ts';
import { codeSpan, escapeMarkdown, table } from './markdown-table.ts';
import { formatAt, formatMs } from './vocabulary.ts';

/** The evidence, run by run: each run has a line per group of facts, and its checks as a table. */
export function markdownEvidence(runs: readonly Evidence[], zone: string): string[] {
  const byDrill = Map.groupBy(runs, ({ drill }) => drill);
  return [...byDrill].flatMap(([drill, own]) => [
    `### Runs of ${escapeMarkdown(drill)}`,
    ...own.flatMap((run) => describeRun(run, zone)),
  ]);
}

function describeRun(run: Evidence, zone: string): string[] {
  const lines = evidenceFacts(run).map((facts) => `- ${facts.map((fact) => describeFact(fact, zone)).join('; ')}`);
  const checks = run.checks.map(({ name, expected, actual, details = [], passed, durationMs }) => {
    return [name, expected, [actual, ...details].join('; '), passed ? 'passed' : 'failed', formatMs(durationMs)];
  });
  return [
    `#### ${codeSpan(run.id)}: ${run.verdict ?? run.status}`,
    lines.join('\n'),
    ...(checks.length === 0 ? [] : [table(['Check', 'Expected', 'Actual', 'Result', 'Took'], checks)]),
  ];
}

function describeFact({ term, pieces }: EvidenceFact, zone: string): string {
  return `${term}: ${pieces.map((piece) => describePiece(piece, zone)).join('')}`;
}

function describePiece(piece: Piece, zone: string): string {
  if (typeof piece === 'string') return escapeMarkdown(piece);
  if ('code' in piece) return codeSpan(piece.code);
  return 'at' in piece ? formatAt(piece.at, zone) : `**${escapeMarkdown(piece.bad)}**`;
}
