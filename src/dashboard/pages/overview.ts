import { newestTakenAt } from '../../status/backups-stopped.ts';
import { type ListRow, listRows } from '../../status/list-rows.ts';
import type { DrillStanding } from '../../status/read-standings.ts';
import { type Child, html, type Markup, nothing } from '../../support/html.ts';
import { formatAge, formatDuration } from '../../support/quantities.ts';
import { STANDING_STATES, type StandingState } from '../../support/vocabulary.ts';
import { badge, besideBadge, STATE_WORDS } from '../badges.ts';
import { sparkline } from '../charts.ts';
import type { CurrentStandings, DashboardDeps } from '../deps.ts';
import { ago, ahead, pathOfDrill, plural } from '../format.ts';
import { fullTitle, iconOf, layout, livePart, type View } from '../layout.ts';
import type { PerMinuteCache } from '../per-minute-cache.ts';
import { recoveryCell } from '../runs-view.ts';
import { selectField } from '../select-field.ts';
import { SHARED_HERE, type SharedPart, type SharingPage, sharedPart } from '../send-page.ts';
import { type Column, rowOf, tableOf } from '../table.ts';
import { coverageSection } from './coverage-section.ts';
import { announceRunning, runningSection } from './running.ts';

/** As in the query; values without meaning are left out. */
export interface OverviewFilter {
  readonly tier: string | undefined;
  readonly owner: string | undefined;
  readonly state: string | undefined;
}

/** The parts that are the same for every user. */
export interface OverviewShared {
  readonly lists: PerMinuteCache<readonly ListRow[]>;
  /** Each drill's row. */
  readonly rows: PerMinuteCache<Markup>;
  /** The table of all drills. */
  readonly tables: PerMinuteCache<SharedPart>;
}

type Deps = Pick<DashboardDeps, 'control' | 'nextRunOf'> & OverviewShared;

const COLUMNS: readonly Column[] = [
  { label: 'Drill' },
  { label: 'State', kind: 'wide' },
  { label: 'Last recovery' },
  { label: 'Trend' },
  { label: 'Data age', kind: 'number' },
  { label: 'Next run', kind: 'number' },
];

/**
 * One row for each drill, those that need attention first; runs in progress; problems with files.
 * @param part one of `sum`, `now`, `drills` and `gaps`, to load it alone.
 */
export function overviewPage(
  view: View,
  deps: Deps,
  current: CurrentStandings,
  filter: OverviewFilter,
  part: string | undefined,
): Markup | SharingPage {
  const rows = deps.lists.get(current.drills, view.now, () => listRows(current.drills, view.now));
  const isRed = rows.some(({ tone }) => tone === 'bad') || current.broken.length > 0;
  const isWhole = rows.length > 0 && Object.values(filter).every((value) => value === undefined);
  const makeTable = () => drillsTable(view, deps, current, rows, filter);
  const table = isWhole && deps.tables.get(current.drills, view.now, () => sharedPart(makeTable()));
  const parts = {
    sum: () =>
      livePart({
        id: 'sum',
        shows: 'started ended waiting drills',
        announce: summaryOf(rows),
        title: fullTitle('Overview', isRed),
        icon: iconOf(view.assets, isRed),
        body: summarySection(view, deps, current, rows),
      }),
    now: () =>
      livePart({
        id: 'now',
        shows: 'started stage progress check kept ended waiting',
        announce: announceRunning(deps.control),
        body: runningSection(view, deps.control),
      }),
    gaps: () => livePart({ id: 'gaps', shows: 'drills', body: coverageSection(view, current.discovery) }),
    drills: () =>
      livePart({
        id: 'drills',
        shows: 'started ended waiting drills',
        body: table ? SHARED_HERE : makeTable(),
      }),
  };
  const sharing = (page: Markup) => (table ? { page, shared: [table] } : page);
  if (part === 'drills') return sharing(parts.drills());
  if (part === 'sum' || part === 'now' || part === 'gaps') return parts[part]();
  if (current.drills.length + current.broken.length === 0 && deps.control.unavailable === undefined)
    return layout(view, {
      title: 'Overview',
      current: 'overview',
      body: [html`<h1>No drills yet</h1>`, firstSteps(), parts.gaps()],
    });
  const body = [parts.sum(), parts.now(), filterForm(view, current, filter), parts.drills(), parts.gaps()];
  return sharing(layout(view, { title: 'Overview', current: 'overview', isRed, body }));
}

function summarySection(view: View, { control }: Deps, current: CurrentStandings, rows: readonly ListRow[]): Markup {
  return html`<h1>${rows.length === 0 && control.unavailable !== undefined ? 'The drills have not been read yet' : summaryOf(rows)}</h1>
${control.unavailable !== undefined && html`<p class="note warn">Drills can only be read here: ${view.show(control.unavailable)}</p>`}
${current.schedulerSilence !== undefined && html`<p class="note warn">${view.show(current.schedulerSilence)}: nothing starts drills by themselves.</p>`}
${unusableIdentities(view, rows)}${brokenFiles(view, current)}`;
}

function drillsTable(
  view: View,
  deps: Deps,
  current: CurrentStandings,
  rows: readonly ListRow[],
  filter: OverviewFilter,
): Markup {
  const byName = new Map(current.drills.map((one) => [one.drill.name, one]));
  const shown = rows.filter((row) => isWanted(view, row, byName.get(row.drill), filter));
  if (rows.length === 0) return nothing;
  if (shown.length === 0) return html`<p>No drills match. <a href="/">Show all ${rows.length}</a></p>`;
  const made = shown.map((row) => {
    const standing = byName.get(row.drill);
    return standing
      ? deps.rows.get(standing, view.now, () => rowOf(COLUMNS, cellsOf(view, deps, row, standing)))
      : nothing;
  });
  return tableOf({ caption: 'Drills, those that need attention first', columns: COLUMNS, rows: made });
}

/** `14 of 17 databases proven recoverable; 2 failed, 1 never drilled`. */
function summaryOf(rows: readonly ListRow[]): string {
  const good = rows.filter(({ state }) => state === 'passed').length;
  const others = STANDING_STATES.filter((state) => state !== 'passed').flatMap((state) => {
    const count = rows.filter((row) => row.state === state).length;
    return count === 0 ? [] : [`${count} ${STATE_WORDS[state]}`];
  });
  const proof = `${good} of ${plural(rows.length, 'database')} proven recoverable`;
  return others.length === 0 ? proof : `${proof}; ${others.join(', ')}`;
}

function cellsOf(
  view: View,
  { nextRunOf }: Deps,
  row: ListRow,
  { drill, runs, state }: DrillStanding,
): readonly Child[] {
  const timed = runs.find((run) => run.recoveryTimeMs !== undefined);
  const takenAt = newestTakenAt({ runs, state });
  const next = nextRunOf(drill, view.now);
  const about = [
    drill.tier !== undefined && `tier ${drill.tier}`,
    drill.owner !== undefined && view.show(drill.owner, 60),
  ];
  return [
    html`<a href="${pathOfDrill(drill.name)}"><strong>${drill.name}</strong></a><span class="sub">${about.filter(Boolean).join(' · ')}</span>`,
    html`${badge(row.state, row.tone)} <span class="words">${view.show(besideBadge(row.state, row.sentence), 400)}</span>${since(view, row)}${row.acknowledged && html`<span class="sub">${view.show(row.acknowledged.sentence, 300)}</span>`}${row.recoveryIdentity && html`<span class="sub">${view.show(row.recoveryIdentity.sentence, 300)}</span>`}${row.proof && html`<span class="sub">${view.show(row.proof.sentence, 300)}</span>`}`,
    timed ? recoveryCell(timed) : html`<span class="sub">target ${formatDuration(drill.objectives.rtoMs)}</span>`,
    runs.length > 1 ? sparkline(runs) : html`<span class="sub">–</span>`,
    takenAt
      ? html`${formatAge(Math.max(0, view.now.getTime() - takenAt.getTime()))}${drill.objectives.rpoMs !== undefined && html`<span class="sub">of ${formatDuration(drill.objectives.rpoMs)}</span>`}`
      : html`<span class="sub">not known</span>`,
    next
      ? ahead(next, view.now)
      : html`<span class="sub">${drill.schedule?.onNewBackup ? 'new backup' : 'by hand'}</span>`,
  ];
}

function since({ now }: View, { since: at, state, age }: ListRow): Markup {
  if (at && state !== 'passed')
    return html`<span class="sub">for ${formatAge(Math.max(0, now.getTime() - at.getTime()))}</span>`;
  return age === '' ? nothing : html`<span class="sub">${age}</span>`;
}

function unusableIdentities(view: View, rows: readonly ListRow[]): Markup {
  const unusable = rows.filter(({ recoveryIdentity }) => recoveryIdentity?.state === 'failed');
  if (unusable.length === 0) return nothing;
  return html`<section class="note bad" aria-labelledby="identity-heading"><h2 id="identity-heading">Recovery would not work with the recovery identity of ${plural(unusable.length, 'drill')}</h2>
<ul class="plain">${unusable.map(({ drill, recoveryIdentity }) => html`<li><a href="${pathOfDrill(drill)}">${drill}</a>: ${view.show(recoveryIdentity?.sentence ?? '', 300)}</li>`)}</ul></section>`;
}

function brokenFiles(view: View, { broken }: CurrentStandings): Markup {
  if (broken.length === 0) return nothing;
  return html`<section class="note bad" aria-labelledby="broken-heading"><h2 id="broken-heading">${plural(broken.length, 'drill file')} cannot be read as ${broken.length === 1 ? 'it is' : 'they are'}</h2>
<ul class="plain">${broken.map(
    (file) =>
      html`<li><code class="break">${view.show(file.problem, 500)}</code> <span class="sub">${file.problemCount > 1 && `and ${plural(file.problemCount - 1, 'more problem')}; `}since ${ago(file.since, view.now)}${file.keeps !== undefined && html`; ${view.show(file.keeps)} goes on as it last was`}</span></li>`,
  )}</ul><p>Fix ${broken.length === 1 ? 'it' : 'them'} and check with <code>firedrill validate ${view.show(broken.map(({ file }) => file).join(' '), 1000)}</code>; the scheduler reads ${broken.length === 1 ? 'it' : 'them'} again by itself.</p></section>`;
}

function filterForm(view: View, { drills }: CurrentStandings, filter: OverviewFilter): Markup {
  const tiers = [...new Set(drills.flatMap(({ drill }) => drill.tier ?? []))].sort((a, b) => a - b).map(String);
  const owners = [...new Set(drills.flatMap(({ drill }) => drill.owner ?? []))]
    .map((owner) => view.show(owner, 60))
    .sort();
  if (drills.length < 2) return nothing;
  return html`<form class="filter" method="get" action="/" role="search" aria-label="Filter drills">
${selectField('state', 'State', [['bad', 'needs attention'], ...STANDING_STATES.map((state): [string, string] => [state, STATE_WORDS[state]])], filter.state)}
${
  tiers.length > 0 &&
  selectField(
    'tier',
    'Tier',
    tiers.map((tier) => [tier, tier]),
    filter.tier,
  )
}
${
  owners.length > 0 &&
  selectField(
    'owner',
    'Owner',
    owners.map((owner) => [owner, owner]),
    filter.owner,
  )
}
<button type="submit">Filter</button>${(filter.state ?? filter.tier ?? filter.owner) !== undefined && html` <a href="/">Show all</a>`}
</form>`;
}

function isWanted(
  view: View,
  row: ListRow,
  standing: DrillStanding | undefined,
  { tier, owner, state }: OverviewFilter,
): boolean {
  const { drill } = standing ?? {};
  if (tier !== undefined && String(drill?.tier) !== tier) return false;
  if (owner !== undefined && (drill?.owner === undefined || view.show(drill.owner, 60) !== owner)) return false;
  return state === undefined || (state === 'bad' ? row.tone === 'bad' : row.state === (state as StandingState));
}

function firstSteps(): Markup {
  return html`<p>A drill is one YAML file that says which backup is restored, what must be true of it, and how long recovery may take.</p>
<ol class="steps">
<li>Write a first one; it asks for what it needs:<pre tabindex="0"><code>firedrill init --name orders --source s3://acme-backups/orders/ --match "orders-*.dump" --rto 15m</code></pre></li>
<li>See whether it is right, and what it would do:<pre tabindex="0"><code>firedrill validate
firedrill plan orders</code></pre></li>
<li>Run it once by hand:<pre tabindex="0"><code>firedrill run orders</code></pre></li>
<li>Give it a <code>schedule</code>. It shows here as soon as its file lies in the directory of the drills.</li>
</ol>`;
}
