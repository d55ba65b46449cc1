import { describeOutcome, stateOf, toneOf } from '../record/history-view.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { RunFilter } from '../record/store.ts';
import { type Child, html, type Markup } from '../support/html.ts';
import { formatBytes, formatDuration } from '../support/quantities.ts';
import { badge } from './badges.ts';
import { recoveryBar } from './charts.ts';
import type { DashboardDeps } from './deps.ts';
import { instant, pathOfRun, runLink } from './format.ts';
import type { View } from './layout.ts';
import { type Column, table } from './table.ts';

export const RUNS_PER_PAGE = 25;

/** The run after which a page of history starts. */
export interface RunCursor {
  readonly startedAt: Date;
  readonly id: string;
}

export function formatCursor({ startedAt, id }: RunCursor): string {
  return `${startedAt.getTime()}_${id}`;
}

/** @returns undefined for an invalid cursor. */
export function parseCursor(text: string | undefined): RunCursor | undefined {
  const match = /^(\d{1,15})_([\w.-]{1,80})$/.exec(text ?? '');
  const [, ms = '', id = ''] = match ?? [];
  return match ? { startedAt: new Date(Number(ms)), id } : undefined;
}

export interface RunPage {
  readonly runs: readonly RunRecord[];
  /** The cursor of the next page; undefined: this is the last page. */
  readonly next: string | undefined;
}

/** Reads one run more than it shows, to find out whether there is a next page. */
export async function readRunPage(
  deps: Pick<DashboardDeps, 'store'>,
  wanted: Omit<RunFilter, 'limit' | 'after'>,
  after: RunCursor | undefined,
  limit: number,
): Promise<RunPage> {
  const found = await deps.store().findRuns({ ...wanted, limit: limit + 1, ...(after ? { after } : {}) });
  const runs = found.slice(0, limit);
  return { runs, next: found.length > limit ? nextAfter(runs) : undefined };
}

/** The cursor of the page after these runs. @returns undefined for no runs. */
export function nextAfter(runs: readonly RunRecord[]): string | undefined {
  const last = runs.at(-1);
  return last && formatCursor(last);
}

/** Runs, newest first. @param withDrill whether they are from several drills. */
export function runsTable(view: View, runs: readonly RunRecord[], caption: string, withDrill: boolean): Markup {
  const columns: Column[] = [
    { label: 'Run', kind: 'name' },
    { label: 'Result', kind: 'state' },
    { label: 'Why', kind: 'wide' },
    { label: 'Recovery', kind: 'bar' },
    { label: 'Backup', kind: 'number' },
    { label: 'Started', kind: 'time' },
  ];
  const rows = runs.map((run): Child[] => [
    withDrill
      ? html`<a href="${pathOfRun(run.id)}"><strong>${view.show(run.drill)}</strong> <span class="sub id">${run.id}</span></a>`
      : runLink(run),
    badge(stateOf(run), toneOf(run)),
    view.show(describeOutcome(run), 300),
    recoveryCell(run),
    run.backup ? formatBytes(run.backup.sizeBytes) : '–',
    html`${instant(run.startedAt)} <span class="sub">${view.show(run.triggeredBy, 80)}</span>`,
  ]);
  return table({ caption, columns, rows, layout: 'runs' });
}

/** How long recovery took, its RTO, and both as a bar. */
export function recoveryCell(run: RunRecord): Markup {
  const target = html`<span class="rto">RTO ${formatDuration(run.objectives.rtoMs)}</span>`;
  if (run.recoveryTimeMs === undefined) return html`<span class="sub">not measured ${target}</span>`;
  return html`<span class="recovery">${formatDuration(run.recoveryTimeMs)} ${target}${recoveryBar(run.recoveryTimeMs, run.objectives.rtoMs)}</span>`;
}
