import { type Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { csvHead, csvRows } from '../../report/render/csv.ts';
import { asDrillError } from '../../support/errors.ts';
import { toJson } from '../../support/json.ts';
import { mapTexts } from '../../support/map-texts.ts';
import type { Access } from '../access/access.ts';
import {
  type DashboardEnv,
  provesByJson,
  type Refusals,
  requireIdentity,
  requireOperator,
  requireOwnRequest,
} from '../access/guard.ts';
import type { DashboardDeps } from '../deps.ts';
import { chooseReport } from '../pages/report.ts';
import { whoAsks, whoCancels } from '../routes/actions.ts';
import { answerReport } from '../routes/report-file.ts';
import { parseCursor, readRunPage } from '../runs-view.ts';
import { describeApi } from './openapi.ts';
import { keepRequest, reportQuery, runsQuery } from './schemas.ts';
import { toDrillDetail, toDrills, toRun, toRunning, toRunSummary } from './to-json.ts';

type ProblemStatus = 400 | 401 | 403 | 404 | 409 | 415 | 429 | 500 | 503;

/** Everything that pages show, as JSON, for programs with a token; and for scripts of our own pages. */
export function createApi(deps: DashboardDeps, access: Access): Hono<DashboardEnv> {
  const api = new Hono<DashboardEnv>();
  const refusals: Refusals = {
    unknown: (context, waitMs) => {
      if (waitMs > 0) {
        context.header('Retry-After', String(Math.ceil(waitMs / 1000)));
        return problem(context, 429, 'rate-limited', 'too many wrong tokens');
      }
      context.header('WWW-Authenticate', 'Bearer realm="firedrill"');
      return problem(context, 401, 'unauthenticated', 'send a token: Authorization: Bearer fdr_…');
    },
    forbidden: (context, why) => problem(context, 403, 'forbidden', why),
  };
  api.use(requireIdentity(access, refusals));
  api.get('/openapi.json', (context) => context.json(describeApi(deps.version)));
  addReading(api, deps);
  api.post('*', requireOwnRequest(deps, refusals, provesByJson), requireOperator(refusals));
  addActing(api, deps);
  api.all('*', (context) => problem(context, 404, 'not-found', 'there is nothing here; see /api/v1/openapi.json'));
  api.onError((thrown, context) => {
    if (thrown instanceof HTTPException) return problem(context, 400, 'usage', thrown.message);
    const error = asDrillError(thrown);
    if (error.code === 'run-not-found') return problem(context, 404, error.code, 'there is no such run');
    deps.onError(thrown);
    return problem(
      context,
      500,
      error.code,
      error.code === 'internal' ? 'it failed; the log says why' : deps.redact(error.message),
    );
  });
  return api;
}

function addReading(api: Hono<DashboardEnv>, deps: DashboardDeps): void {
  const { redact, control } = deps;
  const answer = (context: Context, body: object) =>
    context.body(toJson(mapTexts(body, redact)), 200, { 'Content-Type': 'application/json' });
  api.get('/drills', async (context) => answer(context, toDrills(deps, await deps.standings(), deps.clock.now())));
  api.get('/drills/:name', async (context) => {
    const found = (await deps.standings()).drills.find(({ drill }) => drill.name === context.req.param('name'));
    if (!found) return problem(context, 404, 'drill-not-found', 'there is no such drill');
    return answer(context, toDrillDetail(deps, found, deps.clock.now()));
  });
  api.get('/running', (context) => answer(context, toRunning(control, context.get('identity').role === 'operator')));
  api.get('/runs', async (context) => {
    const page = await readPage(context, deps);
    if (!page) return problem(context, 400, 'usage', 'the query is wrong; see /api/v1/openapi.json');
    return answer(context, { runs: page.runs.map((run) => toRunSummary(run)), next: page.next ?? null });
  });
  api.get('/runs.csv', async (context) => {
    const page = await readPage(context, deps);
    if (!page) return problem(context, 400, 'usage', 'the query is wrong; see /api/v1/openapi.json');
    if (page.next !== undefined) context.header('Link', `<?after=${page.next}>; rel="next"`);
    return context.body(csvHead() + csvRows(page.runs, redact), 200, { 'Content-Type': 'text/csv; charset=utf-8' });
  });
  api.get('/report', (context) => {
    if (!reportQuery.safeParse(context.req.query()).success)
      return problem(context, 400, 'usage', 'the query is wrong; see /api/v1/openapi.json');
    const { query } = chooseReport(new URL(context.req.url).searchParams, deps.clock.now());
    return answerReport(context, deps, query, 'json');
  });
  api.get('/runs/:id', async (context) => answer(context, toRun(await deps.store().getRun(context.req.param('id')))));
  api.get('/runs/:id/log', async (context) => {
    const store = deps.store();
    const { id } = await store.getRun(context.req.param('id'));
    const lines = await store.getLog(id);
    return answer(context, {
      lines: lines.map(({ at, level, message }) => ({ at: at.toISOString(), level, message })),
    });
  });
}

async function readPage(context: Context<DashboardEnv>, deps: DashboardDeps) {
  const query = runsQuery.safeParse(context.req.query());
  if (!query.success) return undefined;
  const { drill, after, limit } = query.data;
  const cursor = parseCursor(after);
  return after !== undefined && !cursor ? undefined : readRunPage(deps, drill, cursor, limit);
}

function addActing(api: Hono<DashboardEnv>, { control, onAccess }: DashboardDeps): void {
  const note = (context: Context<DashboardEnv>, did: string) =>
    onAccess(`${context.get('identity').name} ${did}, by the API`);
  api.post('/drills/:name/runs', (context) => {
    const name = context.req.param('name');
    if (control.unavailable !== undefined) return problem(context, 503, 'unavailable', control.unavailable);
    const outcome = control.runNow(name, whoAsks(context));
    if (outcome === 'unknown') return problem(context, 404, 'drill-not-found', 'there is no such drill');
    if (outcome === 'busy') return problem(context, 409, 'busy', 'a run of this drill waits or goes on already');
    note(context, `started ${name}`);
    return context.json({ outcome }, 202);
  });
  api.post('/runs/:id/stop', (context) => {
    const id = context.req.param('id');
    if (!control.stop(id, whoCancels(context, 'API')))
      return problem(context, 409, 'not-running', 'this run does not go on here');
    note(context, `stopped run ${id}`);
    return context.json({ outcome: 'stopping' }, 202);
  });
  api.post('/runs/:id/keep', async (context) => {
    const body = keepRequest.safeParse(await context.req.json().catch(() => undefined));
    if (!body.success) return problem(context, 400, 'usage', 'send {"minutes": 1 to 60}');
    const id = context.req.param('id');
    if (!control.keep(id, body.data.minutes * 60_000))
      return problem(context, 409, 'not-running', 'this run does not go on here, or is being torn down');
    note(context, `keeps the sandbox of run ${id} for ${body.data.minutes} minutes`);
    return context.json({ outcome: 'keeping' }, 202);
  });
}

function problem(context: Context, status: ProblemStatus, code: string, message: string): Response {
  return context.json({ error: { code, message } }, status);
}
