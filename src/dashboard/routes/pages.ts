import type { Context, Hono } from 'hono';
import type { DashboardEnv } from '../access/guard.ts';
import { csvOfRuns } from '../csv.ts';
import type { CurrentStandings, DashboardDeps } from '../deps.ts';
import type { View } from '../layout.ts';
import { drillPage } from '../pages/drill.ts';
import { overviewPage } from '../pages/overview.ts';
import { chooseReport, reportPage } from '../pages/report.ts';
import { runPage } from '../pages/run.ts';
import { findRunbooks, runbookPage } from '../pages/runbook.ts';
import { messagePage, runsPage } from '../pages/small.ts';
import { parseCursor, RUNS_PER_PAGE, readRunPage } from '../runs-view.ts';
import { saidOf } from './actions.ts';

const RECENT_RUNS = 40;
const SHOWN_SKIPS = 10;
const MAX_CSV_RUNS = 10_000;

/** Everything that is only read. */
export function addPageRoutes(
  app: Hono<DashboardEnv>,
  deps: DashboardDeps,
  makeView: (context: Context<DashboardEnv>) => View,
): void {
  const partOf = (context: Context<DashboardEnv>) => context.req.query('part');
  const missing = (context: Context<DashboardEnv>, what: string) =>
    context.html(messagePage(makeView(context), 'Not found', `There is no such ${what}.`), 404);

  app.get('/', async (context) => {
    const asked = (name: string) => context.req.query(name) || undefined;
    const filter = { tier: asked('tier'), owner: asked('owner'), state: asked('state') };
    return context.html(overviewPage(makeView(context), deps, await deps.standings(), filter, partOf(context)));
  });

  app.get('/drills/:name', async (context) => {
    const name = context.req.param('name');
    const standing = findStanding(await deps.standings(), name);
    const after = parseCursor(context.req.query('after'));
    const store = deps.store();
    const page = await readRunPage(deps, name, after, RUNS_PER_PAGE);
    if (!standing && page.runs.length === 0 && !after) return missing(context, 'drill');
    const recent = await store.findRuns({ drill: name, limit: RECENT_RUNS });
    const skips = await store.findSkips({ drill: name, limit: SHOWN_SKIPS });
    const facts = { name, standing, page, isFirstPage: !after, recent, skips };
    return context.html(drillPage(makeView(context), deps, facts, saidOf(context), partOf(context)));
  });

  app.get('/runs', async (context) => {
    const after = parseCursor(context.req.query('after'));
    const page = await readRunPage(deps, undefined, after, RUNS_PER_PAGE);
    return context.html(runsPage(makeView(context), page, !after));
  });

  app.get('/runs/:id', async (context) => {
    const store = deps.store();
    const run = await store.getRun(context.req.param('id'));
    if (run.id !== context.req.param('id')) return context.redirect(`/runs/${encodeURIComponent(run.id)}`, 302);
    const drill = findStanding(await deps.standings(), run.drill)?.drill;
    const live = deps.control.running.find(({ runId }) => runId === run.id);
    const part = partOf(context);
    const log = part !== 'run' ? await store.getLog(run.id) : [];
    const runbooks = part !== 'run' ? await findRunbooks(deps.runbooks, run, drill) : [];
    const facts = { run, live, log, runbooks, hasDrill: drill !== undefined };
    return context.html(runPage(makeView(context), facts, saidOf(context), part));
  });

  app.get('/runs.csv', async (context) => {
    const drill = context.req.query('drill') || undefined;
    const runs = await deps.store().findRuns({ limit: MAX_CSV_RUNS, ...(drill === undefined ? {} : { drill }) });
    return context.body(csvOfRuns(runs, deps.redact), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': 'attachment; filename="firedrill-runs.csv"',
    });
  });

  app.get('/runbooks/:page', async (context) => {
    const page = context.req.param('page');
    const text = await deps.runbooks.page(page);
    return text === undefined ? missing(context, 'runbook') : context.html(runbookPage(makeView(context), page, text));
  });

  app.get('/report', async (context) => {
    const chosen = chooseReport(new URL(context.req.url).searchParams, deps.clock.now());
    const report = deps.renderReport && (await deps.renderReport(chosen.query));
    return context.html(reportPage(makeView(context), chosen, report));
  });
}

function findStanding({ drills }: CurrentStandings, name: string) {
  return drills.find(({ drill }) => drill.name === name);
}
