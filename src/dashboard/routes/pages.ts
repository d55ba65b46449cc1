import type { Context, Hono } from 'hono';
import type { Drill } from '../../config/drill-file.ts';
import type { Markup } from '../../support/html.ts';
import type { DashboardEnv } from '../access/guard.ts';
import type { CurrentStandings, DashboardDeps } from '../deps.ts';
import type { View } from '../layout.ts';
import { type DrillSections, drillPage, drillSections } from '../pages/drill.ts';
import { overviewPage } from '../pages/overview.ts';
import { chooseReport, reportPage } from '../pages/report.ts';
import { runPage } from '../pages/run.ts';
import { findRunbooks, runbookPage } from '../pages/runbook.ts';
import { messagePage, runsPage } from '../pages/small.ts';
import { parseCursor, RUNS_PER_PAGE, type RunCursor, readRunPage, toRunPage } from '../runs-view.ts';
import type { Shared } from '../shared.ts';
import { saidOf } from './actions.ts';
import { answerRunsCsv } from './runs-csv.ts';

const RECENT_RUNS = 40;
const SHOWN_SKIPS = 10;

/** What pages have in common for everybody. */
export interface SharedPages {
  readonly rows: Shared<Markup>;
  readonly drills: Shared<Promise<DrillSections | undefined>>;
}

/** Everything that is only read. */
export function addPageRoutes(
  app: Hono<DashboardEnv>,
  deps: DashboardDeps,
  makeView: (context: Context<DashboardEnv>) => View,
  shared: SharedPages,
): void {
  const partOf = (context: Context<DashboardEnv>) => context.req.query('part');
  const missing = (context: Context<DashboardEnv>, what: string) =>
    context.html(messagePage(makeView(context), 'Not found', `There is no such ${what}.`), 404);

  app.get('/', async (context) => {
    const asked = (name: string) => context.req.query(name) || undefined;
    const filter = { tier: asked('tier'), owner: asked('owner'), state: asked('state') };
    return context.html(
      overviewPage(makeView(context), { ...deps, rows: shared.rows }, await deps.standings(), filter, partOf(context)),
    );
  });

  app.get('/drills/:name', async (context) => {
    const name = context.req.param('name');
    const view = makeView(context);
    const standing = findStanding(await deps.standings(), name);
    const after = parseCursor(context.req.query('after'));
    const read = () => readDrill(deps, view, name, standing?.drill, after);
    const sections = await (standing && !after ? keep(shared.drills, standing, view.now, read) : read());
    if (!sections) return missing(context, 'drill');
    return context.html(drillPage(view, deps, { name, standing, sections }, saidOf(context), partOf(context)));
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

  app.get('/runs.csv', (context) => answerRunsCsv(context, deps, context.req.query('drill') || undefined));

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

/** @returns undefined: there is no such drill, and never was. */
async function readDrill(
  deps: Pick<DashboardDeps, 'store'>,
  view: View,
  name: string,
  drill: Drill | undefined,
  after: RunCursor | undefined,
): Promise<DrillSections | undefined> {
  const store = deps.store();
  const recent = await store.findRuns({ drill: name, limit: RECENT_RUNS });
  if (!drill && recent.length === 0) return undefined;
  const page = after ? await readRunPage(deps, name, after, RUNS_PER_PAGE) : toRunPage(recent, RUNS_PER_PAGE);
  const skips = await store.findSkips({ drill: name, limit: SHOWN_SKIPS });
  return drillSections(view, name, drill, { page, isFirstPage: !after, recent, skips });
}

/** What failed is read again by the next who asks. */
async function keep<Value>(
  shared: Shared<Promise<Value>>,
  owner: object,
  now: Date,
  read: () => Promise<Value>,
): Promise<Value> {
  try {
    return await shared.get(owner, now, read);
  } catch (error) {
    shared.forget(owner);
    throw error;
  }
}
