import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, TypedResponse } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { JSONParsed } from 'hono/utils/types';
import type { z } from 'zod';
import { ANY_LAST_DAY, readRequestEvidence } from '../../report/read-request-evidence.ts';
import { csvHead, csvRows } from '../../report/render/csv.ts';
import { readFleet } from '../../status/fleet.ts';
import { readSilences } from '../../status/silenced.ts';
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
import { acknowledge, endAcknowledgement } from '../acknowledging.ts';
import type { DashboardDeps } from '../deps.ts';
import { chooseReport } from '../pages/report.ts';
import { readRunning } from '../read-running.ts';
import { whoAsks, whoCancels } from '../routes/actions.ts';
import { answerReport } from '../routes/report-file.ts';
import { toRunFilter } from '../runs-filter.ts';
import { parseCursor, readRunPage } from '../runs-view.ts';
import { endSilence, silence } from '../silencing.ts';
import { describeApi } from './openapi.ts';
import { toProviders } from './provider-json.ts';
import type { runsQuery } from './request-schemas.ts';
import { routes } from './routes.ts';
import { toRunners } from './runners-json.ts';
import type { report } from './schemas.ts';
import { toSilence } from './silence-json.ts';
import { toDrillDetail, toDrills, toRun, toRunning, toRunSummary } from './to-json.ts';

type ProblemStatus = 400 | 401 | 403 | 404 | 409 | 415 | 429 | 500 | 503;

const BAD_QUERY = 'invalid query; see /api/v1/openapi.json';
const UNFOLLOWED =
  'this run is in progress in a process that takes no commands from here; cancel it where it was started';

/** Serves everything that the pages show as JSON, for programs with a token and for our own pages' scripts. */
export function createApi(deps: DashboardDeps, access: Access): OpenAPIHono<DashboardEnv> {
  const api = new OpenAPIHono<DashboardEnv>({
    defaultHook: (result, context: Context) => {
      if (result.success) return undefined;
      return problem(context, 400, 'usage', result.target === 'json' ? 'send {"minutes": 1 to 60}' : BAD_QUERY);
    },
  });
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
  api.use(requireIdentity(access, refusals), readRunning(deps));
  api.get('/openapi.json', (context) => context.json(describeApi(deps.version)));
  addReading(api, deps);
  api.on(['POST', 'DELETE'], '*', requireOwnRequest(deps, refusals, provesByJson), requireOperator(refusals));
  addActing(api, deps);
  addSilences(api, deps);
  api.all('*', (context) => problem(context, 404, 'not-found', 'not found; see /api/v1/openapi.json'));
  api.onError((thrown, context) => {
    if (thrown instanceof HTTPException)
      return problem(context, thrown.status === 415 ? 415 : 400, 'usage', thrown.message);
    const error = asDrillError(thrown);
    if (error.code === 'run-not-found') return problem(context, 404, error.code, 'no such run');
    deps.onError(thrown);
    return problem(
      context,
      500,
      error.code,
      error.code === 'internal' ? 'internal error; see the log' : deps.redact(error.message),
    );
  });
  return api;
}

function addReading(api: OpenAPIHono<DashboardEnv>, deps: DashboardDeps): void {
  const { redact, control } = deps;
  const answer = <Body extends object>(context: Context, body: Body) =>
    typed<Body>(context.body(toJson(mapTexts(body, redact)), 200, { 'Content-Type': 'application/json' }));
  api.openapi(routes.drills, async (context) =>
    answer(context, toDrills(deps, await deps.standings(), deps.clock.now())),
  );
  api.openapi(routes.drill, async (context) => {
    const { name } = context.req.valid('param');
    const found = (await deps.standings()).drills.find(({ drill }) => drill.name === name);
    if (!found) return problem(context, 404, 'drill-not-found', 'no such drill');
    return answer(context, toDrillDetail(deps, found, deps.clock.now()));
  });
  api.openapi(routes.running, (context) =>
    answer(context, toRunning(control, context.get('identity').role === 'operator')),
  );
  api.openapi(routes.runs, async (context) => {
    const page = await readPage(context.req.valid('query'), deps);
    if (!page) return problem(context, 400, 'usage', BAD_QUERY);
    return answer(context, { runs: page.runs.map((run) => toRunSummary(run)), next: page.next ?? null });
  });
  api.openapi(routes.runsCsv, async (context) => {
    const page = await readPage(context.req.valid('query'), deps);
    if (!page) return problem(context, 400, 'usage', BAD_QUERY);
    if (page.next !== undefined) context.header('Link', `<?after=${page.next}>; rel="next"`);
    return context.body(csvHead() + csvRows(page.runs, redact), 200, { 'Content-Type': 'text/csv; charset=utf-8' });
  });
  api.openapi(routes.providers, async (context) =>
    answer(context, toProviders(await readRequestEvidence(deps.store(), { ...ANY_LAST_DAY, now: deps.clock.now() }))),
  );
  api.openapi(routes.runners, async (context) => {
    const drills = (await deps.standings()).drills.map(({ drill }) => drill);
    const fleet = await readFleet(deps.store(), drills, deps.control.silences, deps.clock.now());
    return answer(context, toRunners(fleet));
  });
  api.openapi(routes.report, async (context) => {
    const { query } = chooseReport(context.req.valid('query'), deps.clock.now());
    return typed<z.infer<typeof report>>(await answerReport(context, deps, query, { format: 'json' }));
  });
  api.openapi(routes.run, async (context) =>
    answer(context, toRun(await deps.store().getRun(context.req.valid('param').id))),
  );
  api.openapi(routes.log, async (context) => {
    const store = deps.store();
    const { id } = await store.getRun(context.req.valid('param').id);
    const lines = await store.getLog(id);
    return answer(context, {
      lines: lines.map(({ at, level, message }) => ({ at: at.toISOString(), level, message })),
    });
  });
}

async function readPage({ after, limit, ...query }: z.infer<typeof runsQuery>, deps: DashboardDeps) {
  const cursor = parseCursor(after);
  if (after !== undefined && !cursor) return undefined;
  return readRunPage(deps, toRunFilter(query, deps.clock.now()), cursor, limit);
}

function addActing(api: OpenAPIHono<DashboardEnv>, deps: DashboardDeps): void {
  const { control, onAccess } = deps;
  const note = (context: Context<DashboardEnv>, did: string) =>
    onAccess(`${context.get('identity').name} ${did}, by the API`);
  api.openapi(routes.runDrill, (context) => {
    const { name } = context.req.valid('param');
    if (control.unavailable !== undefined) return problem(context, 503, 'unavailable', control.unavailable);
    const { overBudget } = context.req.valid('query');
    const outcome = control.runNow(name, whoAsks(context), overBudget === 'true');
    if (outcome === 'unknown') return problem(context, 404, 'drill-not-found', 'no such drill');
    if (outcome === 'busy')
      return problem(context, 409, 'busy', 'a run of this drill is already queued or in progress');
    note(context, `started ${name}`);
    return context.json({ outcome }, 202);
  });
  api.openapi(routes.acknowledge, async (context) => {
    const { name } = context.req.valid('param');
    const { kind, reason, for: time } = context.req.valid('json');
    const outcome = await acknowledge(deps, name, { kind, reason, for: time }, whoCancels(context, 'API'));
    if (outcome === 'unknown') return problem(context, 404, 'drill-not-found', 'no such drill');
    if (outcome === 'endless')
      return problem(context, 400, 'usage', 'for: write a duration such as 4h or 3d, at most a year');
    if (outcome === 'fine') return problem(context, 409, 'no-problem', 'there is no problem to acknowledge');
    note(context, `${outcome} ${name}`);
    return context.json({ outcome }, 202);
  });
  api.openapi(routes.endAcknowledgement, async (context) => {
    const { name } = context.req.valid('param');
    if (!(await endAcknowledgement(deps, name, whoCancels(context, 'API'))))
      return problem(context, 409, 'nothing-to-end', 'the drill is neither acknowledged nor snoozed');
    note(context, `ended the acknowledgement of ${name}`);
    return context.json({ outcome: 'ended' as const }, 202);
  });
  api.openapi(routes.stop, async (context) => {
    const { id } = context.req.valid('param');
    const outcome = await control.stop(id, whoCancels(context, 'API'));
    if (outcome === 'unfollowed') return problem(context, 409, 'unreachable', UNFOLLOWED);
    if (outcome === 'ended') return problem(context, 409, 'not-running', 'this run has ended');
    note(context, `stopped run ${id}`);
    return context.json({ outcome: 'stopping' as const }, 202);
  });
  api.openapi(routes.keep, async (context) => {
    const { id } = context.req.valid('param');
    const { minutes } = context.req.valid('json');
    const outcome = await control.keep(id, minutes * 60_000, whoCancels(context, 'API'));
    if (outcome === 'unfollowed') return problem(context, 409, 'unreachable', UNFOLLOWED);
    if (outcome === 'ended')
      return problem(context, 409, 'not-running', 'this run has ended, or is already in teardown');
    note(context, `keeps the sandbox of run ${id} for ${minutes} minutes`);
    return context.json({ outcome: 'keeping' as const }, 202);
  });
}

function addSilences(api: OpenAPIHono<DashboardEnv>, deps: DashboardDeps): void {
  api.openapi(routes.silences, async (context) => {
    const now = deps.clock.now();
    const found = await readSilences(deps.store(), now);
    return context.json(mapTexts({ silences: found.map((one) => toSilence(one, now)) }, deps.redact), 200);
  });
  api.openapi(routes.addSilence, async (context) => {
    const { drills, owner, tier, labels, all, pause, from, until, for: time, reason } = context.req.valid('json');
    const match = {
      ...(drills && { drills }),
      ...(owner !== undefined && { owner }),
      ...(tier !== undefined && { tier }),
      ...(labels && Object.keys(labels).length > 0 && { labels }),
    };
    const order = { match, all, from, until, for: time, reason, pausesRuns: pause };
    const outcome = await silence(deps, order, whoCancels(context, 'API'));
    if ('problem' in outcome) return problem(context, 400, 'usage', deps.redact(outcome.problem));
    deps.onAccess(`${context.get('identity').name} planned silence ${outcome.made.id}, by the API`);
    return context.json(toSilence({ ...outcome.made, ended: undefined }, deps.clock.now()), 201);
  });
  api.openapi(routes.endSilence, async (context) => {
    const { id } = context.req.valid('param');
    if (!(await endSilence(deps, id, whoCancels(context, 'API'))))
      return problem(context, 409, 'nothing-to-end', 'no silence of that id applies or is ahead');
    deps.onAccess(`${context.get('identity').name} ended silence ${id}, by the API`);
    return context.json({ outcome: 'ended' as const }, 202);
  });
}

/** Adds the type of the JSON body, which the compiler cannot infer from the response. */
function typed<Body>(response: Response) {
  return response as Response & TypedResponse<JSONParsed<Body>, 200, 'json'>;
}

function problem<Status extends ProblemStatus>(context: Context, status: Status, code: string, message: string) {
  return context.json({ error: { code, message } }, status);
}
