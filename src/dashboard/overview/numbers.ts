import { median } from 'simple-statistics';
import { type DrillOutlook, sumOutlooks } from '../../report/read-outlook.ts';
import { html, type Markup, nothing } from '../../support/html.ts';
import { formatDuration } from '../../support/quantities.ts';
import { ago, pathOfDrill } from '../format.ts';
import type { View } from '../layout.ts';
import type { OverviewDrill } from './overview-drill.ts';

/** One line for leadership: how fast, how close to the target, how fresh the proof is, how many runs met their objectives. */
export function numbersLine(view: View, drills: readonly OverviewDrill[]): Markup {
  const outlooks = drills.flatMap(({ outlook }) => outlook ?? []);
  const tiles = [...recoveryTiles(drills), ...proofTiles(view, drills), ...budgetTiles(outlooks, drills.length)];
  return tiles.length === 0 ? nothing : html`<dl class="tiles">${tiles}</dl>`;
}

function tile(label: string, value: Markup | string, about: Markup | string): Markup {
  return html`<div><dt>${label}</dt><dd><span class="value">${value}</span> <span class="sub">${about}</span></dd></div>`;
}

function recoveryTiles(drills: readonly OverviewDrill[]): readonly Markup[] {
  const timed = drills.flatMap(({ row, timed: run }) =>
    run?.recoveryTimeMs === undefined
      ? []
      : { drill: row.drill, recoveryMs: run.recoveryTimeMs, rtoMs: run.objectives.rtoMs },
  );
  const shares = timed.map(({ recoveryMs, rtoMs }) => recoveryMs / rtoMs);
  const [slowest] = timed.toSorted((a, b) => b.recoveryMs / b.rtoMs - a.recoveryMs / a.rtoMs);
  if (!slowest) return [];
  const { drill, recoveryMs, rtoMs } = slowest;
  return [
    tile(
      'Median recovery',
      formatDuration(median(timed.map((one) => one.recoveryMs))),
      `${percent(median(shares))} of RTO`,
    ),
    tile(
      'Slowest against its RTO',
      percent(recoveryMs / rtoMs),
      html`<a href="${pathOfDrill(drill)}">${drill}</a> ${formatDuration(recoveryMs)} (RTO ${formatDuration(rtoMs)})`,
    ),
  ];
}

function proofTiles(view: View, drills: readonly OverviewDrill[]): readonly Markup[] {
  const proven = drills.flatMap(({ row, standing: { runs, lastVerdict } }) => {
    const pass = [...runs, lastVerdict].find((run) => run?.verdict === 'passed');
    return pass ? { drill: row.drill, at: pass.endedAt ?? pass.startedAt } : [];
  });
  const sorted = proven.toSorted((a, b) => b.at.getTime() - a.at.getTime());
  const [newest, oldest] = [sorted[0], sorted.at(-1)];
  if (!newest || !oldest) return [];
  const about = html`oldest: <a href="${pathOfDrill(oldest.drill)}">${oldest.drill}</a>, ${ago(oldest.at, view.now)}`;
  return [tile('Last proven', ago(newest.at, view.now), about)];
}

function budgetTiles(outlooks: readonly DrillOutlook[], count: number): readonly Markup[] {
  const { share, missed, budget, targetShare } = sumOutlooks(outlooks);
  if (share === undefined) return [];
  const left = budget.remainingShare ?? 0;
  const about =
    left < 0
      ? `error budget exceeded (${missed} ${missed === 1 ? 'miss' : 'misses'})`
      : `${percent(left)} of the error budget left`;
  const of = outlooks.length < count ? ` (from ${outlooks.length} of ${count} drills)` : '';
  return [tile('Runs meeting objectives', percent(share, 1), `target ${percent(targetShare)}; ${about}${of}`)];
}

/** Rounded down where rounding would show a misleading 100 %. */
function percent(share: number, digits = 0): string {
  const factor = 100 * 10 ** digits;
  const rounded = Math.round(share * factor) === factor && share < 1 ? factor - 1 : Math.round(share * factor);
  return `${rounded / 10 ** digits} %`;
}
