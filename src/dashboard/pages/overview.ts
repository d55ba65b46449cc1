import type { ListRow } from '../../status/list-rows.ts';
import { html, type Markup, nothing } from '../../support/html.ts';
import { upperFirst } from '../../support/upper-first.ts';
import { STANDING_STATES } from '../../support/vocabulary.ts';
import { STATE_WORDS } from '../badges.ts';
import type { CurrentStandings, DashboardDeps } from '../deps.ts';
import { ago, pathOfDrill, plural } from '../format.ts';
import { fullTitle, iconOf, layout, livePart, type View } from '../layout.ts';
import type { Outlooks } from '../outlooks.ts';
import { attentionStrip } from '../overview/attention.ts';
import { drillList } from '../overview/drill-list.ts';
import { numbersLine } from '../overview/numbers.ts';
import { type OverviewDrill, overviewDrills } from '../overview/overview-drill.ts';
import type { OverviewQuery } from '../overview/overview-query.ts';
import { toolbar } from '../overview/toolbar.ts';
import type { PerMinuteCache } from '../per-minute-cache.ts';
import { SHARED_HERE, type SharedPart, type SharingPage, sharedPart } from '../send-page.ts';
import { announceRunning, runningSection } from './running.ts';

/** The parts that are the same for every user. */
export interface OverviewShared {
  /** Each drill's row. */
  readonly rows: PerMinuteCache<Markup>;
  /** The table of all drills. */
  readonly tables: PerMinuteCache<SharedPart>;
  readonly outlooks: Outlooks;
}

type Deps = Pick<DashboardDeps, 'control' | 'nextRunOf'> & OverviewShared;

/**
 * How many databases are proven recoverable, what needs attention, runs in progress, and one row for each drill, failing ones first.
 * @param part one of `sum`, `now` and `drills`, to load it alone.
 */
export function overviewPage(
  view: View,
  deps: Deps,
  current: CurrentStandings,
  query: OverviewQuery,
  part: string | undefined,
): Markup | SharingPage {
  const { control, outlooks, tables, nextRunOf } = deps;
  const drills = overviewDrills(
    current.drills,
    {
      running: control.running,
      outlookOf: (name) => outlooks.of(name),
      nextRunOf: ({ drill }) => nextRunOf(drill, view.now),
    },
    view.now,
  );
  const isRed = drills.some(({ row }) => row.tone === 'bad') || current.broken.length > 0;
  const isWhole = drills.length > 0 && Object.values(query).every((value) => value === undefined);
  const makeList = () => drillList(view, drills, query, deps.rows);
  const list = isWhole && tables.get(current.drills, view.now, () => sharedPart(makeList()));
  const parts = {
    sum: () =>
      livePart({
        id: 'sum',
        shows: 'started ended waiting drills',
        announce: summaryOf(drills),
        title: fullTitle('Overview', isRed),
        icon: iconOf(view.assets, isRed),
        eachMinute: true,
        body: summarySection(view, deps, current, drills, query),
      }),
    now: () =>
      livePart({
        id: 'now',
        shows: 'started stage progress check kept ended waiting',
        announce: announceRunning(control),
        body: runningSection(view, control),
      }),
    drills: () =>
      livePart({ id: 'drills', shows: 'started ended waiting drills', body: list ? SHARED_HERE : makeList() }),
  };
  const sharing = (page: Markup) => (list ? { page, shared: [list] } : page);
  if (part === 'drills') return sharing(parts.drills());
  if (part === 'sum' || part === 'now') return parts[part]();
  if (current.drills.length + current.broken.length === 0 && control.unavailable === undefined)
    return layout(view, { title: 'Overview', current: 'overview', body: firstSteps() });
  const body = [parts.sum(), parts.now(), toolbar(view, drills, query), parts.drills()];
  return sharing(layout(view, { title: 'Overview', current: 'overview', isRed, body }));
}

function summarySection(
  view: View,
  { control }: Deps,
  current: CurrentStandings,
  drills: readonly OverviewDrill[],
  query: OverviewQuery,
): Markup {
  const rows = drills.map(({ row }) => row);
  const isUnread = rows.length === 0 && control.unavailable !== undefined;
  const others = othersOf(drills);
  return html`<div class="head"><h1>${isUnread ? 'Loading drills…' : proofOf(drills)}</h1>${others !== '' && html` <span class="sub">${others}</span>`}</div>
${drills.length > 0 && attentionStrip(drills, current, query)}
${numbersLine(view, drills)}
${control.unavailable !== undefined && html`<p class="note warn">Drills are read-only here: ${view.show(control.unavailable)}</p>`}
${current.schedulerSilence !== undefined && html`<p class="note warn">${upperFirst(view.show(current.schedulerSilence))}: scheduled drills do not start. Start the scheduler: <code>firedrill serve</code></p>`}
${current.budgetExceeded !== undefined && html`<p class="note warn">${upperFirst(view.show(current.budgetExceeded))}. Raise <code>limits.costPerMonth</code>, or run a drill with <code>--over-budget</code>.</p>`}
${unusableIdentities(view, rows)}${brokenFiles(view, current)}`;
}

/** `14 of 17 databases proven recoverable; 2 failed, 1 never drilled`. */
function summaryOf(drills: readonly OverviewDrill[]): string {
  const others = othersOf(drills);
  return others === '' ? proofOf(drills) : `${proofOf(drills)}; ${others}`;
}

function proofOf(drills: readonly OverviewDrill[]): string {
  const proven = drills.filter(({ isProven }) => isProven).length;
  return `${proven} of ${plural(drills.length, 'database')} proven recoverable`;
}

function othersOf(drills: readonly OverviewDrill[]): string {
  return STANDING_STATES.filter((state) => state !== 'passed')
    .flatMap((state) => {
      const count = drills.filter(({ row }) => row.state === state).length;
      return count === 0 ? [] : [`${count} ${STATE_WORDS[state]}`];
    })
    .join(', ');
}

function unusableIdentities(view: View, rows: readonly ListRow[]): Markup {
  const unusable = rows.filter(({ recoveryIdentity }) => recoveryIdentity?.state === 'failed');
  if (unusable.length === 0) return nothing;
  return html`<section class="note bad" aria-labelledby="identity-heading"><h2 id="identity-heading">Recovery would not work with the recovery identity of ${plural(unusable.length, 'drill')}</h2>
<ul class="plain">${unusable.map(({ drill, recoveryIdentity }) => html`<li><a href="${pathOfDrill(drill)}">${drill}</a>: ${view.show(recoveryIdentity?.sentence ?? '', 300)}</li>`)}</ul></section>`;
}

function brokenFiles(view: View, { broken }: CurrentStandings): Markup {
  if (broken.length === 0) return nothing;
  const files = view.show(broken.map(({ file }) => file).join(' '), 1000);
  return html`<section class="note bad" id="broken" aria-labelledby="broken-heading"><h2 id="broken-heading">${plural(broken.length, 'drill file')} ${broken.length === 1 ? 'is' : 'are'} invalid</h2>
<ul class="plain">${broken.map(
    (file) =>
      html`<li><code class="break">${view.show(file.problem, 500)}</code> <span class="sub">${file.problemCount > 1 && `and ${plural(file.problemCount - 1, 'more problem')}; `}since ${ago(file.since, view.now)}${file.keeps !== undefined && html`; ${view.show(file.keeps)} runs with its last valid configuration`}</span></li>`,
  )}</ul><p>Fix ${broken.length === 1 ? 'it' : 'them'} and check with <code>firedrill validate ${files}</code>. The scheduler reloads changed files automatically.</p></section>`;
}

function firstSteps(): Markup {
  return html`<div class="head"><h1>No drills yet</h1></div>
<p class="lead">A drill is a YAML file: which backup to restore, what must be true of the data, and how long recovery may take.</p>
<ol class="steps">
<li>Create the first one; <code>init</code> asks for missing values:<pre tabindex="0"><code>firedrill init --name orders --source s3://acme-backups/orders/ --match "orders-*.dump" --rto 15m</code></pre></li>
<li>Validate it and see what it would do:<pre tabindex="0"><code>firedrill validate
firedrill plan orders</code></pre></li>
<li>Run it:<pre tabindex="0"><code>firedrill run orders</code></pre></li>
<li>Give it a <code>schedule</code>. It appears here as soon as its file is in the drills directory.</li>
</ol>`;
}
