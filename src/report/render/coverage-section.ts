import type { RaceResult } from '../../status/race-result.ts';
import { html, type Markup } from '../../support/html.ts';
import { COVERAGE_WORDS } from '../../support/vocabulary.ts';
import type { CoverageGap, DiscoveredGap, DiscoveredGaps } from '../report.ts';
import { describeCovered, formatGapAge, GAPS } from './titles.ts';
import { instant, type ReportView, runRef, section, table } from './view.ts';

/** What is not covered by drills. */
export function coverageSection(view: ReportView): Markup {
  const { coverage } = view.report;
  const gaps =
    coverage.gaps.length > 0 &&
    table<GapRow>(
      'Coverage gaps by drill, worst first',
      [
        { head: 'Drill', cell: ({ drills }) => drills.join(', '), isRowHead: true },
        { head: 'Gap', cell: ({ kind }) => GAPS[kind] },
        { head: 'What is known', cell: ({ sentence, runId }) => withRun(view, sentence, runId) },
        { head: 'For', cell: formatGapAge, isNumber: true },
      ],
      groupGapRows(coverage.gaps),
    );
  const { recoveryIdentities, proofs } = coverage;
  return section(
    'r-coverage',
    'What is not covered',
    html`<p>${describeCovered(view.report)}</p>${gaps}
${view.report.discovery && discovered(view, view.report.discovery)}
${recoveryIdentities.length > 0 && knownTable(view, 'Proof with the keys and credentials of the person who recovers', 'Recovery identity', groupKnown(recoveryIdentities))}
${proofs.length > 0 && knownTable(view, 'Damage to a restored copy that the checks were proven to catch', 'Proof of the checks', groupKnown(proofs))}
${coverage.races.length > 0 && races(coverage.races)}`,
  );
}

/** Gaps of one kind about which the same is known, in one row. */
export interface GapRow extends Pick<CoverageGap, 'kind' | 'sentence' | 'ageMs' | 'runId'> {
  readonly drills: readonly string[];
}

export function groupGapRows(gaps: readonly CoverageGap[]): readonly GapRow[] {
  const groups = Map.groupBy(gaps, ({ kind, sentence, ageMs }) => JSON.stringify([kind, sentence, ageMs]));
  return Array.from(groups.values()).flatMap((own) => {
    const [first] = own;
    if (!first) return [];
    const { kind, sentence, ageMs, runId } = first;
    const drills = own.map(({ drill }) => drill);
    return { kind, sentence, ageMs, runId: own.length === 1 ? runId : undefined, drills };
  });
}

function discovered(view: ReportView, { lookedAt, sentence, gaps, problems }: DiscoveredGaps): Markup {
  const rows =
    gaps.length > 0 &&
    table<DiscoveredGap>(
      'Backups and databases that no drill covers',
      [
        { head: 'Not covered', cell: ({ name }) => name, isRowHead: true },
        { head: 'State', cell: ({ state }) => COVERAGE_WORDS[state] },
        { head: 'Content', cell: ({ content, kind }) => (kind === 'database' ? `${content} database` : content) },
        { head: 'Where', cell: ({ where }) => where },
        { head: 'Newest', cell: ({ newestAt }) => newestAt && instant(view, newestAt) },
      ],
      gaps,
    );
  const failed = problems.map(({ where, message }) => html`<p>Could not read ${where}: ${message}</p>`);
  return html`<p>As of ${instant(view, lookedAt)}, ${sentence}.</p>${rows}${failed}`;
}

/** Drills about which the same is known share a row. */
interface Known {
  readonly sentence: string;
  readonly drills: readonly string[];
  readonly runId: string | undefined;
}

function knownTable(view: ReportView, caption: string, head: string, rows: readonly Known[]): Markup {
  return table<Known>(
    caption,
    [
      { head, cell: ({ sentence, runId }) => withRun(view, sentence, runId), isRowHead: true },
      { head: 'Drills', cell: ({ drills }) => drills.join(', ') },
    ],
    rows,
  );
}

/** Groups by sentence; a row for a single drill keeps its run. */
export function groupKnown(
  rows: readonly { readonly drill: string; readonly sentence: string; readonly runId?: string | undefined }[],
): readonly Known[] {
  return Array.from(
    Map.groupBy(rows, ({ sentence }) => sentence),
    ([sentence, own]) => ({
      sentence,
      drills: own.map(({ drill }) => drill),
      runId: own.length === 1 ? own[0]?.runId : undefined,
    }),
  );
}

function races(rows: readonly RaceResult[]): Markup {
  return table<RaceResult>(
    'Which recovery path is faster',
    [
      { head: 'Drill', cell: ({ drill }) => drill, isRowHead: true },
      { head: 'Raced with', cell: ({ against }) => against },
      { head: 'Recovers first', cell: ({ sentences }) => sentences.join('; ') },
    ],
    rows,
  );
}

function withRun(view: ReportView, sentence: string, runId: string | undefined): Markup {
  return html`${sentence}${runId !== undefined && html` (${runRef(view, runId)})`}`;
}
