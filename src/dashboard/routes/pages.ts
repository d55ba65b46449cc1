import type { Context, Hono } from 'hono';
import { findLastPass } from '../../record/compare-runs.ts';
import { availableFormats, REPORT_FORMATS } from '../../report/format-registry.ts';
import { ANY_LAST_DAY, readRequestEvidence } from '../../report/read-request-evidence.ts';
import { readFleet } from '../../status/fleet.ts';
import { type DrillStanding, readSaid, saidOf } from '../../status/read-standings.ts';
import type { DashboardEnv } from '../access/guard.ts';
import { reportQuery } from '../api/request-schemas.ts';
import type { CurrentStandings, DashboardDeps } from '../deps.ts';
import { type DrillRange, parseRange } from '../drill-range.ts';
import type { View } from '../layout.ts';
import { overviewQuery } from '../overview/overview-query.ts';
import { readActivity } from '../pages/activity-section.ts';
import { apiPage } from '../pages/api.ts';
import { comparePage } from '../pages/compare.ts';
import { coveragePage } from '../pages/coverage.ts';
import { type DrillPast, drillHistoryView, drillPage } from '../pages/drill.ts';
import { type OverviewShared, overviewPage } from '../pages/overview.ts';
import { ownerPage, readOwnerAttainment } from '../pages/owner.ts';
import { providersPage } from '../pages/providers.ts';
import { chooseReport, reportPage } from '../pages/report.ts';
import { runPage } from '../pages/run.ts';

import { cancelPage } from '../pages/run-actions.ts';
import { formatLog } from '../pages/run-log.ts';

import { findRunbooks, runbookPage } from '../pages/runbook.ts';
import { runnersPage } from '../pages/runners.ts';
import { announceRun } from '../pages/running.ts';
import { MAX_COUNTED, runsPage } from '../pages/runs.ts';
import { badQueryPage, messagePage } from '../pages/simple-pages.ts';
import { toRunFilter } from '../runs-filter.ts';
import { nextAfter, parseCursor, RUNS_PER_PAGE, type RunCursor, readRunPage } from '../runs-view.ts';
import { SHARED_HERE, type SharedPart, sendPage, sharedPart } from '../send-page.ts';
import type { Trends } from '../trends.ts';
import type { VersionedCache } from '../versioned-cache.ts';
import { flashMessageOf } from './actions.ts';
import { compareQuery, drillQuery, plainQuery, readQuery, readRunsQuery } from './page-query.ts';
import { answerReport } from './report-file.ts';
import { answerRunsCsv } from './runs-csv.ts';

const SHOWN_SKIPS = 10;
/** The newest runs of a drill on its page; the rest is a link away. */
const SHOWN_RUNS = 10;

/** The parts of pages that are the same for every user. */
export interface SharedPages extends OverviewShared {
  readonly pasts: VersionedCache<DrillPast>;
  readonly trends: Trends;
  /** Reports, cached by their subject for a minute: making one takes a second of the scheduler's own time. */
  readonly reports: VersionedCache<SharedPart>;
}

/** The read-only routes. */
export function addPageRoutes(
  app: Hono<DashboardEnv>,
  deps: DashboardDeps,
  makeView: (context: Context<DashboardEnv>) => View,
  shared: SharedPages,
): void {
  const badQuery = (context: Context<DashboardEnv>) => context.html(badQueryPage(makeView(context)), 400);
  const missing = (context: Context<DashboardEnv>, what: string) =>
    context.html(messagePage(makeView(context), 'Not found', `No such ${what}.`), 404);

  app.get('/', async (context) => {
    const view = makeView(context);
    const asked = readQuery(context, overviewQuery.extend(plainQuery.shape));
    if (!asked) return badQuery(context);
    const { part, said: _, ...query } = asked;
    const current = await deps.standings();
    shared.trends.prepare(current.drills);
    shared.outlooks.prepare(current.drills);
    const { rows, tables, outlooks } = shared;
    return sendPage(context, overviewPage(view, { ...deps, rows, tables, outlooks }, current, query, part));
  });

  app.get('/coverage', async (context) => {
    if (!readQuery(context, plainQuery)) return badQuery(context);
    return context.html(coveragePage(makeView(context), (await deps.standings()).discovery));
  });

  app.get('/providers', async (context) => {
    if (!readQuery(context, plainQuery)) return badQuery(context);
    const view = makeView(context);
    return context.html(
      providersPage(view, await readRequestEvidence(deps.store(), { ...ANY_LAST_DAY, now: view.now })),
    );
  });

  app.get('/runners', async (context) => {
    const query = readQuery(context, plainQuery);
    if (!query) return badQuery(context);
    const view = makeView(context);
    const drills = (await deps.standings()).drills.map(({ drill }) => drill);
    const fleet = view.hasRunners ? await readFleet(deps.store(), drills, deps.control.silences, view.now) : undefined;
    return context.html(runnersPage(view, fleet, query.part));
  });

  app.get('/drills/:name', async (context) => {
    const name = context.req.param('name');
    const view = makeView(context);
    const query = readQuery(context, drillQuery);
    const range = parseRange(query?.range);
    if (!query || !range) return badQuery(context);
    const current = await deps.standings();
    const { budgetExceeded } = current;
    const known = findStanding(current, name);
    const standing = known && { ...known, ...saidOf(known, await readSaid(deps.store(), view.now), view.now) };
    const { part } = query;
    const asked = { after: parseCursor(query.after), range };
    const past = standing && part === 'drill' ? undefined : await readPast(deps, shared, view, name, standing, asked);
    if (!standing && !past) return missing(context, 'drill');
    const activity =
      part === undefined
        ? await readActivity(deps, standing?.drill ?? { name, owner: undefined, tier: undefined })
        : [];
    const about = { name, standing, past, budgetExceeded, activity };
    return sendPage(context, drillPage(view, deps, about, flashMessageOf(context), part));
  });

  app.get('/owners/:owner', async (context) => {
    const query = readQuery(context, plainQuery);
    if (!query) return badQuery(context);
    const { part } = query;
    const owner = context.req.param('owner');
    const standings = (await deps.standings()).drills.filter(({ drill }) => drill.owner === owner);
    if (standings.length === 0) return missing(context, 'owner');
    const names = standings.map(({ drill }) => drill.name);
    const showsRuns = part !== 'now' && part !== 'drills';
    const attainment = showsRuns ? await readOwnerAttainment(deps, names) : undefined;
    return sendPage(context, ownerPage(makeView(context), deps, { owner, standings, attainment }, part));
  });

  app.get('/runs', async (context) => {
    const view = makeView(context);
    const asked = readRunsQuery(context);
    if (!asked) return badQuery(context);
    const { after, query } = asked;
    const filter = toRunFilter(query, view.now);
    const page = await readRunPage(deps, filter, after, RUNS_PER_PAGE);
    const count = await deps.store().countMatchingRuns(filter, MAX_COUNTED);
    const drills = (await deps.standings()).drills.map(({ drill }) => drill);
    const owners = new Set(drills.flatMap(({ owner }) => (owner === undefined ? [] : view.show(owner, 60))));
    const known = { drills: drills.map(({ name }) => name).sort(), owners: [...owners].sort() };
    return sendPage(context, runsPage(view, query, { ...page, ...known, count, isFirstPage: !after }));
  });

  app.get('/runs/:id', async (context) => {
    const query = readQuery(context, plainQuery);
    if (!query) return badQuery(context);
    const store = deps.store();
    const run = await store.getRun(context.req.param('id'));
    if (run.id !== context.req.param('id')) return context.redirect(`/runs/${encodeURIComponent(run.id)}`, 302);
    const drill = findStanding(await deps.standings(), run.drill)?.drill;
    const live = deps.control.running.find(({ runId }) => runId === run.id);
    const { part } = query;
    const log = part !== 'run' ? await store.getLog(run.id) : [];
    const runbooks = await findRunbooks(deps.runbooks, run, drill);
    const facts = { run, live, log, runbooks, hasDrill: drill !== undefined };
    return sendPage(context, runPage(makeView(context), facts, flashMessageOf(context), part));
  });

  app.get('/runs/:id/cancel', async (context) => {
    const run = await deps.store().getRun(context.req.param('id'));
    const live = deps.control.running.find(({ runId }) => runId === run.id);
    const view = makeView(context);
    if (!live || live.kept || view.identity?.role !== 'operator')
      return context.redirect(`/runs/${encodeURIComponent(run.id)}?said=gone`, 302);
    return context.html(cancelPage(view, run, announceRun(live)));
  });

  app.get('/runs/:id/log.txt', async (context) => {
    const store = deps.store();
    const { id } = await store.getRun(context.req.param('id'));
    context.header('Content-Disposition', `attachment; filename="${id.replace(/[^\w.-]/g, '_')}.log"`);
    return context.text(formatLog(await store.getLog(id), makeView(context).show));
  });

  app.get('/runs/:id/compare', async (context) => {
    const asked = readQuery(context, compareQuery);
    if (!asked) return badQuery(context);
    const store = deps.store();
    const run = await store.getRun(context.req.param('id'));
    const pair = asked.with !== undefined ? await store.getRun(asked.with) : await findLastPass(store, run);
    return sendPage(context, { page: comparePage(makeView(context), run, pair), shared: [] });
  });

  app.get('/runs.csv', (context) => {
    const asked = readRunsQuery(context);
    if (!asked) return badQuery(context);
    return answerRunsCsv(context, deps, toRunFilter(asked.query, deps.clock.now()));
  });

  app.get('/runbooks/:page', async (context) => {
    const page = context.req.param('page');
    const text = await deps.runbooks.page(page);
    return text === undefined ? missing(context, 'runbook') : context.html(runbookPage(makeView(context), page, text));
  });

  app.get('/api', (context) => context.html(apiPage(makeView(context))));

  app.get('/report', async (context) => {
    const asked = readQuery(context, reportQuery);
    if (!asked) return badQuery(context);
    const chosen = chooseReport(asked, deps.clock.now());
    const view = makeView(context);
    const { tier, owner } = chosen.query;
    const made = await shared.reports.get(
      `${chosen.period} ${tier} ${owner}`,
      view.now.toISOString().slice(0, 16),
      async () => sharedPart(await deps.reports.renderReport(chosen.query)),
    );
    return sendPage(context, { page: reportPage(view, chosen, SHARED_HERE, await availableFormats()), shared: [made] });
  });

  app.get(`/report/:file{report\\.(${REPORT_FORMATS.join('|')})}`, async (context) => {
    const format = (await availableFormats()).find((one) => `report.${one}` === context.req.param('file'));
    if (!format) return missing(context, 'report');
    const asked = readQuery(context, reportQuery);
    if (!asked) return badQuery(context);
    const chosen = chooseReport(asked, deps.clock.now());
    return answerReport(context, deps, chosen.query, { format, name: `firedrill-${chosen.period}` });
  });
}

function findStanding({ drills }: CurrentStandings, name: string) {
  return drills.find(({ drill }) => drill.name === name);
}

/** @returns undefined if the drill does not exist and never did. */
async function readPast(
  deps: Pick<DashboardDeps, 'store'>,
  { pasts, trends }: SharedPages,
  view: View,
  name: string,
  standing: DrillStanding | undefined,
  { after, range }: { readonly after: RunCursor | undefined; readonly range: DrillRange },
): Promise<DrillPast | undefined> {
  const store = deps.store();
  const findSkips = () => store.findSkips({ drill: name, limit: SHOWN_SKIPS });
  if (standing && !after) {
    const { drill, runs } = standing;
    const shown = runs.slice(0, SHOWN_RUNS);
    const page = { runs: shown, next: runs.length > SHOWN_RUNS ? nextAfter(shown) : undefined };
    return pasts.get(`${name} ${range}`, `${keyOf(standing)}\n${trends.keyOf(standing)}`, async () => {
      const facts = { page, recent: runs, isFirstPage: true, skips: await findSkips(), range };
      return drillHistoryView(view, name, drill, facts, await trends.of(name, standing, range));
    });
  }
  const page = await readRunPage(deps, { drill: name }, after, RUNS_PER_PAGE);
  if (!standing && !after && page.runs.length === 0) return undefined;
  const trend = after ? undefined : await trends.of(name, standing, range);
  const facts = { page, recent: page.runs, isFirstPage: !after, skips: await findSkips(), range };
  return drillHistoryView(view, name, standing?.drill, facts, trend);
}

/** Represents everything else that the drill's page depends on. */
function keyOf({ drill, runs, state }: DrillStanding): string {
  const shown = runs.map(({ id, status, verdict }) => `${id} ${status} ${verdict}`);
  return [drill.definitionHash, drill.file, state?.version, ...shown].join('\n');
}
