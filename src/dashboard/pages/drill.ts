import { median } from 'simple-statistics';
import { definitionForRecord } from '../../config/definition.ts';
import type { Drill } from '../../config/drill-file.ts';
import type { DrillControl } from '../../daemon/control.ts';
import type { RunRecord } from '../../record/run-record.ts';
import type { SkipRecord } from '../../record/schedule-store.ts';
import { listRows } from '../../status/list-rows.ts';
import type { DrillStanding } from '../../status/read-standings.ts';
import { html, type Markup, nothing } from '../../support/html.ts';
import { formatInstant } from '../../support/instants.ts';
import { formatDuration } from '../../support/quantities.ts';
import { nameStage, STAGES } from '../../support/vocabulary.ts';
import { badge, besideBadge } from '../badges.ts';
import { checkStrip, shareBar } from '../charts.ts';
import { expectedWords } from '../check-words.ts';
import type { DashboardDeps } from '../deps.ts';
import { type DrillRange, rangeLinks } from '../drill-range.ts';
import { ahead, instant, pathOfDrill, pathOfRun, plural } from '../format.ts';
import { fullTitle, iconOf, layout, livePart, type View } from '../layout.ts';
import { ownerLink } from '../owner-link.ts';
import { type RunPage, runsTable } from '../runs-view.ts';
import { SHARED_HERE, type SharedPart, type SharingPage, sharedPart } from '../send-page.ts';
import { facts, table } from '../table.ts';
import { acknowledgeSection } from './acknowledge-section.ts';
import { type Activity, activitySection } from './activity-section.ts';
import { badgeSection } from './badge-section.ts';
import { runNow, runOverBudget } from './run-forms.ts';
import { announceRunning, runningSection } from './running.ts';
import { scheduleSection } from './schedule-section.ts';

export interface DrillFacts {
  readonly name: string;
  /** undefined: the drill file was removed, but its history exists. */
  readonly standing: DrillStanding | undefined;
  /** undefined if only the part `drill` is requested. */
  readonly past: DrillPast | undefined;
  /** Message that runs are skipped because of the month's budget; undefined: none are. */
  readonly budgetExceeded?: string | undefined;
  /** User actions concerning it. */
  readonly activity: readonly Activity[];
}

/** The part that is the same for every user at any time. */
export interface DrillPast {
  readonly history: SharedPart;
  readonly definition: SharedPart;
}

export interface DrillHistory {
  readonly page: RunPage;
  /** The runs that stages and checks are aggregated over, newest first. */
  readonly recent: readonly RunRecord[];
  /** Whether `page` starts with the newest run. */
  readonly isFirstPage: boolean;
  readonly skips: readonly SkipRecord[];
  /** How far back the trend goes. */
  readonly range: DrillRange;
}

/** @param trend the recent recovery trend; undefined: there is none to show. */
export function drillHistoryView(
  view: View,
  name: string,
  drill: Drill | undefined,
  about: DrillHistory,
  trend: Markup | undefined,
): DrillPast {
  const { recent } = about;
  const body = [
    about.isFirstPage && trendSection(name, about, trend),
    stageBreakdown(recent),
    checksOverTime(view, recent),
    history(view, name, about),
    skipped(view, about.skips),
  ];
  return {
    history: sharedPart(livePart({ id: 'past', shows: 'drills', body })),
    definition: sharedPart(drill ? definition(view, drill) : nothing),
  };
}

type Deps = Pick<DashboardDeps, 'control' | 'nextRunOf' | 'publicUrl' | 'access'>;
type Shown = Pick<DrillControl, 'running' | 'waiting' | 'unavailable'>;

/** One drill: state, trend, checks, runs, definition. @param part `drill` or `past`, to load only what changes. */
export function drillPage(
  view: View,
  deps: Deps,
  about: DrillFacts,
  said: string | undefined,
  part: string | undefined,
): Markup | SharingPage {
  const { name, standing, past } = about;
  const [row] = standing ? listRows([standing], view.now) : [];
  const isRed = row && row.tone === 'bad';
  const control = ofDrill(deps.control, name);
  const now = livePart({
    id: 'drill',
    shows: `drill:${name}`,
    announce: announceRunning(control) || (row && `${name}: ${view.show(row.sentence, 300)}`),
    title: fullTitle(name, isRed),
    icon: iconOf(view.assets, isRed),
    body: html`<p class="crumbs"><a href="/">Overview</a></p>
<div class="head"><h1>${name}</h1> ${row && badge(row.state, row.tone)} ${standing && runNow(view, control, name)}${standing && runOverBudget(view, control, about)}</div>
<p class="lead">${row ? view.show(besideBadge(row.state, row.sentence), 600) : html`This drill’s file was removed. Its history is kept.`}</p>
${standing && headFacts(view, deps, standing)}
${runningSection(view, control)}`,
  });
  if (!past || part === 'drill') return now;
  if (part === 'past') return { page: SHARED_HERE, shared: [past.history] };
  const body = [
    now,
    standing ? acknowledgeSection(view, standing) : nothing,
    SHARED_HERE,
    activitySection(view, about.activity),
    standing ? scheduleSection(view, standing) : nothing,
    SHARED_HERE,
    standing ? badgeSection(view, standing, deps) : nothing,
  ];
  return { page: layout(view, { title: name, isRed, said, body }), shared: [past.history, past.definition] };
}

function ofDrill({ running, waiting, unavailable }: Shown, drill: string): Shown {
  return {
    unavailable,
    running: running.filter((run) => run.drill === drill),
    waiting: waiting.filter((run) => run.drill === drill),
  };
}

function headFacts(
  view: View,
  { nextRunOf }: Pick<Deps, 'nextRunOf'>,
  { drill, state, recovery, proof, races = [], racedBy }: DrillStanding,
): Markup {
  const next = nextRunOf(drill, view.now);
  const { newestBackup: newest, pollError } = state ?? {};
  return facts([
    [
      'Objectives',
      `RTO ${formatDuration(drill.objectives.rtoMs)}${drill.objectives.rpoMs === undefined ? '' : `, RPO ${formatDuration(drill.objectives.rpoMs)}`}`,
    ],
    [
      'Next run',
      next
        ? html`${ahead(next, view.now)}, ${instant(next)}`
        : drill.schedule?.onNewBackup
          ? 'after each new backup'
          : racedBy === undefined
            ? 'by hand only'
            : `after each run of ${racedBy}, which races against it`,
    ],
    [
      'Newest backup',
      newest && html`<code class="break">${view.show(newest.key)}</code>, taken ${instant(newest.takenAt)}`,
    ],
    ['Backups', pollError && `newest unknown: ${view.show(pollError.message, 300)}`],
    ['Waits', state?.waitsFor !== undefined && view.show(state.waitsFor)],
    [
      'Recovery identity',
      recovery &&
        html`${view.show(recovery.sentence, 300)}${recovery.runId !== undefined && html` (<a href="${pathOfRun(recovery.runId)}">run</a>)`}`,
    ],
    [
      'Proof',
      proof
        ? html`${view.show(proof.sentence, 300)} (<a href="${pathOfRun(proof.runId)}">run</a>)`
        : 'checks never proven',
    ],
    ...races.map(({ drill: racer, against, sentences }): [string, string] => [
      `Race with ${racer === drill.name ? against : racer}`,
      view.show(sentences.join('; '), 1000),
    ]),
    ['Owner', drill.owner !== undefined && ownerLink(view, drill.owner)],
    ['Tier', drill.tier !== undefined && String(drill.tier)],
    [
      'Labels',
      drill.labels &&
        html`<span class="labels">${Object.entries(drill.labels).map(([key, value]) => html`<span class="pill">${view.show(`${key}=${value}`, 200)}</span>`)}</span>`,
    ],
  ]);
}

/** @param trend undefined: the drill has not run in this time. */
function trendSection(name: string, { range, page }: DrillHistory, trend: Markup | undefined): Markup {
  if (!trend && page.runs.length === 0) return nothing;
  const none = html`<div class="empty"><p>No runs in the last ${range} days.</p></div>`;
  return html`<section aria-labelledby="trend-heading"><div class="section-head"><h2 id="trend-heading">Recovery time</h2>${rangeLinks(name, range)}</div>${trend ?? none}</section>`;
}

/** The stages in which the time is spent, each in its colour. @param runs newest first. */
function stageBreakdown(runs: readonly RunRecord[]): Markup {
  const timed = runs.filter((run) => run.recoveryTimeMs !== undefined);
  const [newest] = timed;
  if (!newest) return nothing;
  const stages = STAGES.flatMap((name) => {
    const times = timed.flatMap((run) => run.stages.find((stage) => stage.name === name)?.durationMs ?? []);
    return times.length === 0 ? [] : [{ name, medianMs: median(times), longestMs: Math.max(...times) }];
  });
  const largestMs = Math.max(1, ...stages.map(({ medianMs }) => medianMs));
  const rows = stages.map(({ name, medianMs, longestMs }) => {
    const last = newest.stages.find((stage) => stage.name === name);
    return [
      html`<span class="key ${name}"></span>${nameStage(name)}`,
      html`${shareBar(name, medianMs / largestMs)}`,
      formatDuration(medianMs),
      last ? formatDuration(last.durationMs) : '–',
      formatDuration(longestMs),
      newest.objectives.counts.includes(name) ? 'yes' : 'no',
    ];
  });
  return html`<section aria-labelledby="stages-heading"><h2 id="stages-heading">Time by stage</h2>${table({
    caption: `Stages of the last ${plural(timed.length, 'timed run')}`,
    columns: [
      { label: 'Stage' },
      { label: 'Share', kind: 'wide' },
      { label: 'Median', kind: 'number' },
      { label: 'Newest', kind: 'number' },
      { label: 'Longest', kind: 'number' },
      { label: 'Included in RTO' },
    ],
    rows,
  })}</section>`;
}

/** The checks of the newest run that had checks, with their earlier results. */
function checksOverTime(view: View, shown: readonly RunRecord[]): Markup {
  const runs = shown.filter((run) => run.checks.length > 0);
  const [latest] = runs;
  if (!latest) return nothing;
  const rows = latest.checks.map((newest) => {
    const { name } = newest;
    const results = runs.map((run) => run.checks.find((check) => check.name === name));
    const passed = results.filter((result) => result?.passed).length;
    const known = results.filter((result) => result !== undefined).length;
    const lastFailed = runs.find((run) => run.checks.some((check) => check.name === name && !check.passed));
    return [
      view.show(name),
      expectedWords(view, newest),
      html`${checkStrip(view.show(name), results)}`,
      `${passed} of ${known}`,
      lastFailed
        ? html`<a href="/runs/${lastFailed.id}">${formatInstant(lastFailed.startedAt)}</a>`
        : html`<span class="sub">not in these runs</span>`,
    ];
  });
  return html`<section aria-labelledby="checks-heading"><h2 id="checks-heading">Checks over time</h2>${table({
    caption: `Checks in the last ${plural(runs.length, 'run')}`,
    columns: [
      { label: 'Check' },
      { label: 'Expected', kind: 'wide' },
      { label: 'Oldest to newest' },
      { label: 'Passed', kind: 'number' },
      { label: 'Last failed' },
    ],
    rows,
  })}</section>`;
}

function history(view: View, name: string, { page, isFirstPage }: DrillHistory): Markup {
  const { runs, next } = page;
  const path = pathOfDrill(name);
  const list =
    runs.length === 0
      ? html`<p>${isFirstPage ? html`Recovery has never been tested. Run it now, or type <code>firedrill run ${name}</code>.` : 'There are no older runs.'}</p>`
      : runsTable(view, runs, `Runs of ${name}, newest first`, false);
  return html`<section aria-labelledby="runs-heading"><h2 id="runs-heading">Runs</h2>${list}
<p class="pager">${!isFirstPage && html`<a href="${path}">Newest</a> `}${next !== undefined && html`<a href="${path}?after=${next}">Older runs</a> `}${runs.length > 0 && html`<a href="/runs.csv?drill=${encodeURIComponent(name)}" download>All as CSV</a>`}</p></section>`;
}

function skipped(view: View, skips: readonly SkipRecord[]): Markup {
  if (skips.length === 0) return nothing;
  const rows = skips.map((skip) => [
    skip.count === 1 || skip.first.getTime() === skip.last.getTime()
      ? instant(skip.first)
      : html`${instant(skip.first)} to ${instant(skip.last)}`,
    skip.kind,
    String(skip.count),
    view.show(skip.reason, 300),
  ]);
  return html`<section aria-labelledby="skipped-heading"><h2 id="skipped-heading">Skipped runs</h2>${table({
    caption: 'Runs that were due but did not start, newest first',
    columns: [{ label: 'Due' }, { label: 'Kind' }, { label: 'Runs', kind: 'number' }, { label: 'Why', kind: 'wide' }],
    rows,
  })}</section>`;
}

/** The definition as recorded with each run: it contains no secrets. */
function definition(view: View, drill: Drill): Markup {
  const text = JSON.stringify(JSON.parse(definitionForRecord(drill)), undefined, 2);
  const shown = text
    .split('\n')
    .map((line) => view.show(line, 4000))
    .join('\n');
  return html`<section aria-labelledby="definition-heading"><h2 id="definition-heading">Current configuration</h2>
${drill.description !== undefined && html`<p>${view.show(drill.description, 2000)}</p>`}
<details id="definition"><summary>${view.show(drill.file.split('/').slice(-2).join('/'))}, ${drill.definitionHash.slice(0, 12)}, with every default filled in</summary><pre tabindex="0"><code>${shown}</code></pre></details></section>`;
}
