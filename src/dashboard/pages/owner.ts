import { describeAttainment, type RunAttainment } from '../../status/attainment-of-runs.ts';
import { type ListRow, listRows } from '../../status/list-rows.ts';
import type { DrillStanding } from '../../status/read-standings.ts';
import { html, type Markup } from '../../support/html.ts';
import { badge, besideBadge } from '../badges.ts';
import { sparkline } from '../charts.ts';
import type { DashboardDeps, DashboardStore } from '../deps.ts';
import { ago, ahead, pathOfDrill, plural, runLink } from '../format.ts';
import { fullTitle, iconOf, layout, livePart, type View } from '../layout.ts';
import { recoveryCell } from '../runs-view.ts';
import { table } from '../table.ts';
import { announceRunning, runningSection } from './running.ts';

const OWNER_DAYS = 30;
const DAY_MS = 86_400_000;

export interface OwnerFacts {
  readonly owner: string;
  /** Never empty. */
  readonly standings: readonly DrillStanding[];
  /** Their runs of the last {@link OWNER_DAYS} days; undefined: not shown in the requested part. */
  readonly attainment: RunAttainment | undefined;
}

type Deps = Pick<DashboardDeps, 'control' | 'nextRunOf'>;

/** How many runs of the drills met their objectives. Counts facts instead of reading runs, since there may be tens of thousands. */
export async function readOwnerAttainment(
  { store, clock }: Pick<DashboardDeps, 'clock'> & { readonly store: () => Pick<DashboardStore, 'getTotals'> },
  drills: readonly string[],
): Promise<RunAttainment> {
  const toMs = clock.now().getTime();
  const fromMs = toMs - OWNER_DAYS * DAY_MS;
  let sum: RunAttainment = { met: 0, judged: 0 };
  for (const drill of drills) {
    const { passed, judged } = await store().getTotals({ drill, fromMs, toMs });
    sum = { met: sum.met + passed, judged: sum.judged + judged };
  }
  return sum;
}

/**
 * The drills of an owner: what needs attention, then all of them.
 * @param part one of `sum`, `now` and `drills`, to load it alone.
 */
export function ownerPage(view: View, deps: Deps, facts: OwnerFacts, part: string | undefined): Markup {
  const { owner, standings } = facts;
  const rows = listRows(standings, view.now);
  const isRed = rows.some(({ tone }) => tone === 'bad');
  const title = view.show(owner);
  const names = new Set(standings.map(({ drill }) => drill.name));
  const going = {
    running: deps.control.running.filter(({ drill }) => names.has(drill)),
    waiting: deps.control.waiting.filter(({ drill }) => names.has(drill)),
  };
  const parts = {
    sum: () =>
      livePart({
        id: 'sum',
        shows: 'started ended waiting drills',
        announce: describeProven(rows),
        title: fullTitle(title, isRed),
        icon: iconOf(view.assets, isRed),
        eachMinute: true,
        body: summary(view, deps, rows, facts),
      }),
    now: () =>
      livePart({
        id: 'now',
        shows: 'started stage progress check kept ended waiting',
        announce: announceRunning(going),
        body: runningSection(view, going),
      }),
    drills: () =>
      livePart({ id: 'drills', shows: 'started ended waiting drills', body: drillsSection(view, deps, rows, facts) }),
  };
  if (part === 'sum' || part === 'now' || part === 'drills') return parts[part]();
  const head = html`<p class="crumbs"><a href="/">Overview</a></p>
<div class="head"><h1>${title}</h1> <span class="pill">${plural(standings.length, 'drill')}</span><div class="actions"><a class="button" href="/runs?owner=${encodeURIComponent(owner)}">Runs</a> <a class="button" href="/report?owner=${encodeURIComponent(owner)}">Report</a></div></div>`;
  return layout(view, { title, isRed, body: [head, parts.sum(), parts.now(), parts.drills()] });
}

/** `3 of 4 databases proven recoverable`. */
function describeProven(rows: readonly ListRow[]): string {
  return `${countProven(rows)} of ${plural(rows.length, 'database')} proven recoverable`;
}

function countProven(rows: readonly ListRow[]): number {
  return rows.filter(({ state }) => state === 'passed').length;
}

function summary(view: View, deps: Deps, rows: readonly ListRow[], { standings, attainment }: OwnerFacts): Markup {
  const bad = rows.filter(({ tone, state }) => tone === 'bad' || (tone === 'warn' && state !== 'passed'));
  return html`${tiles(view, deps, { proven: countProven(rows), bad: bad.length, standings, attainment })}${attention(view, bad)}`;
}

function drillsSection(view: View, deps: Deps, rows: readonly ListRow[], { owner, standings }: OwnerFacts): Markup {
  const byName = new Map(standings.map((one) => [one.drill.name, one]));
  return html`<section aria-labelledby="drills-heading"><h2 id="drills-heading">Drills</h2>${table({
    caption: `Drills of ${view.show(owner)}, worst first`,
    columns: [
      { label: 'Drill' },
      { label: 'State', kind: 'wide' },
      { label: 'Last run' },
      { label: 'Recovery' },
      { label: 'Last runs' },
      { label: 'Next run' },
    ],
    rows: rows.flatMap((row) => {
      const standing = byName.get(row.drill);
      return standing ? [drillRow(view, deps, row, standing)] : [];
    }),
  })}</section>`;
}

function tiles(
  view: View,
  { nextRunOf }: Deps,
  {
    proven,
    bad,
    standings,
    attainment,
  }: Pick<OwnerFacts, 'standings' | 'attainment'> & { readonly proven: number; readonly bad: number },
): Markup {
  const [next] = standings
    .flatMap(({ drill }) => {
      const at = nextRunOf(drill, view.now);
      return at ? [{ at, name: drill.name }] : [];
    })
    .toSorted((a, b) => a.at.getTime() - b.at.getTime());
  return html`<dl class="tiles"><div><dt>Proven recoverable</dt><dd><span class="value">${proven} of ${standings.length}</span></dd></div><div><dt>Need attention</dt><dd><span class="value">${bad}</span></dd></div>${attainment && html`<div><dt>Runs meeting objectives</dt><dd><span class="value">${describeAttainment(attainment)}</span><span class="sub">last ${OWNER_DAYS} days</span></dd></div>`}${next && html`<div><dt>Next run</dt><dd><span class="value">${ahead(next.at, view.now)}</span><span class="sub">${next.name}</span></dd></div>`}</dl>`;
}

function attention(view: View, bad: readonly ListRow[]): Markup {
  if (bad.length === 0) return html`<p class="note">Nothing needs attention.</p>`;
  const items = bad.map(
    ({ drill, state, tone, sentence, acknowledged, silenced }) =>
      html`<li class="card ${tone}"><p class="line"><a href="${pathOfDrill(drill)}"><strong>${drill}</strong></a> ${badge(state, tone)} ${view.show(besideBadge(state, sentence), 300)} <span class="sub">${[acknowledged?.sentence, silenced?.sentence].flatMap((one) => (one === undefined ? [] : [view.show(one, 300)])).join('; ')}</span></p></li>`,
  );
  return html`<section aria-labelledby="attention-heading"><h2 id="attention-heading">Needs attention</h2><ul class="cards">${items}</ul></section>`;
}

function drillRow(view: View, { nextRunOf }: Deps, row: ListRow, { drill, runs }: DrillStanding) {
  const [latest] = runs;
  const timed = runs.find((run) => run.recoveryTimeMs !== undefined);
  const next = nextRunOf(drill, view.now);
  return [
    html`<a href="${pathOfDrill(drill.name)}">${drill.name}</a>${drill.tier !== undefined && html` <span class="sub">tier ${drill.tier}</span>`}`,
    html`${badge(row.state, row.tone)} <span class="sub">${view.show(besideBadge(row.state, row.sentence), 200)}</span>`,
    latest ? html`${ago(latest.startedAt, view.now)} <span class="sub">${runLink(latest)}</span>` : 'never',
    timed ? recoveryCell(timed) : '–',
    html`${sparkline(runs)}`,
    next ? ahead(next, view.now) : '–',
  ];
}
