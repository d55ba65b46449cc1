import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { providers } from './provider-schema.ts';
import * as requests from './request-schemas.ts';
import { runners } from './runners-schema.ts';
import * as schemas from './schemas.ts';
import * as silences from './silence-schema.ts';

const PROBLEM_DESCRIPTIONS = {
  400: 'Invalid request',
  401: 'The token is missing or unknown',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflicts with the current state',
  415: 'The body is not JSON',
  429: 'Too many wrong tokens',
  503: 'This server is read-only',
} as const;

type DescribedProblem = keyof typeof PROBLEM_DESCRIPTIONS;

/** Every request can get these responses. */
const COMMON_PROBLEMS = [400, 401, 403, 429] as const;

const noQuery = z.strictObject({});
const drillParams = z.object({ name: z.string() });
const runParams = z.object({ id: z.string() });
/** The body may be empty; requests with a browser session must send the JSON content type. */
const emptyBody = { required: false, content: { 'application/json': { schema: {} } } };

/** Every operation of the API: routes are served, validated and documented from here. */
export const routes = {
  drills: createRoute({
    method: 'get',
    path: '/drills',
    operationId: 'getDrills',
    summary: 'Every drill, those that need attention first',
    request: { query: noQuery },
    responses: { 200: json(schemas.drills), ...problems() },
  }),
  drill: createRoute({
    method: 'get',
    path: '/drills/{name}',
    operationId: 'getDrill',
    summary: 'One drill with its configuration',
    request: { params: drillParams, query: noQuery },
    responses: { 200: json(schemas.drillDetail), ...problems(404) },
  }),
  runDrill: createRoute({
    method: 'post',
    path: '/drills/{name}/runs',
    operationId: 'runDrill',
    summary: 'Queues a run; operators only',
    request: { params: drillParams, query: requests.runQuery, body: emptyBody },
    responses: { 202: json(schemas.accepted), ...problems(404, 409, 503) },
  }),
  acknowledge: createRoute({
    method: 'post',
    path: '/drills/{name}/acknowledgement',
    operationId: 'acknowledgeDrill',
    summary: 'Acknowledges the problem of a drill, or snoozes it; operators only',
    request: {
      params: drillParams,
      body: { required: true, content: { 'application/json': { schema: requests.acknowledgeRequest } } },
    },
    responses: { 202: json(schemas.accepted), ...problems(404, 409, 415) },
  }),
  endAcknowledgement: createRoute({
    method: 'delete',
    path: '/drills/{name}/acknowledgement',
    operationId: 'endAcknowledgement',
    summary: 'Ends the acknowledgement or snooze of a drill; operators only',
    request: { params: drillParams },
    responses: { 202: json(schemas.accepted), ...problems(409) },
  }),
  silences: createRoute({
    method: 'get',
    path: '/silences',
    operationId: 'getSilences',
    summary: 'Silences: active, planned, and those of the last year',
    request: { query: noQuery },
    responses: { 200: json(silences.silences), ...problems() },
  }),
  addSilence: createRoute({
    method: 'post',
    path: '/silences',
    operationId: 'addSilence',
    summary: 'Plans a window in which no alerts are sent about drills; operators only',
    request: { body: { required: true, content: { 'application/json': { schema: requests.silenceRequest } } } },
    responses: { 201: json(silences.silence), ...problems(415) },
  }),
  endSilence: createRoute({
    method: 'delete',
    path: '/silences/{id}',
    operationId: 'endSilence',
    summary: 'Ends an active silence, or withdraws a planned one; operators only',
    request: { params: runParams },
    responses: { 202: json(schemas.accepted), ...problems(409) },
  }),
  runs: createRoute({
    method: 'get',
    path: '/runs',
    operationId: 'getRuns',
    summary: 'Runs, newest first',
    request: { query: requests.runsQuery },
    responses: { 200: json(schemas.runs), ...problems() },
  }),
  runsCsv: createRoute({
    method: 'get',
    path: '/runs.csv',
    operationId: 'getRunsAsCsv',
    summary: 'The same as CSV',
    request: { query: requests.runsQuery },
    responses: { 200: { description: 'Done', content: { 'text/csv': { schema: { type: 'string' } } } }, ...problems() },
  }),
  report: createRoute({
    method: 'get',
    path: '/report',
    operationId: 'getReport',
    summary: 'Report for a period',
    request: { query: requests.reportQuery },
    responses: { 200: json(schemas.report), ...problems() },
  }),
  run: createRoute({
    method: 'get',
    path: '/runs/{id}',
    operationId: 'getRun',
    summary: 'One run in full',
    request: { params: runParams, query: noQuery },
    responses: { 200: json(schemas.run), ...problems(404) },
  }),
  log: createRoute({
    method: 'get',
    path: '/runs/{id}/log',
    operationId: 'getLog',
    summary: 'The log of a run',
    request: { params: runParams, query: noQuery },
    responses: { 200: json(schemas.log), ...problems(404) },
  }),
  stop: createRoute({
    method: 'post',
    path: '/runs/{id}/stop',
    operationId: 'stopRun',
    summary: 'Cancels a run, or removes a kept sandbox; operators only',
    request: { params: runParams, body: emptyBody },
    responses: { 202: json(schemas.accepted), ...problems(409) },
  }),
  keep: createRoute({
    method: 'post',
    path: '/runs/{id}/keep',
    operationId: 'keepSandbox',
    summary: 'Keeps the sandbox after the run ends; operators only',
    request: {
      params: runParams,
      body: { required: true, content: { 'application/json': { schema: requests.keepRequest } } },
    },
    responses: { 202: json(schemas.accepted), ...problems(409, 415) },
  }),
  providers: createRoute({
    method: 'get',
    path: '/providers',
    operationId: 'getProviders',
    summary: 'Error rates of backup stores, and whether they are unusual',
    request: { query: noQuery },
    responses: { 200: json(providers), ...problems() },
  }),
  runners: createRoute({
    method: 'get',
    path: '/runners',
    operationId: 'getRunners',
    summary: 'Schedulers, runners and their pools, and what each is doing',
    request: { query: noQuery },
    responses: { 200: json(runners), ...problems() },
  }),
  running: createRoute({
    method: 'get',
    path: '/running',
    operationId: 'getRunning',
    summary: 'Runs in progress and queued',
    request: { query: noQuery },
    responses: { 200: json(schemas.running), ...problems() },
  }),
};

function json<Schema extends z.ZodType>(schema: Schema, description: string = 'Done') {
  return { description, content: { 'application/json': { schema } } };
}

function problems<const More extends DescribedProblem = never>(...more: readonly More[]) {
  const statuses: readonly DescribedProblem[] = [...COMMON_PROBLEMS, ...more];
  const described = statuses.map((status) => [status, json(schemas.problem, PROBLEM_DESCRIPTIONS[status])] as const);
  return Object.fromEntries(described) as Record<
    (typeof COMMON_PROBLEMS)[number] | More,
    ReturnType<typeof json<typeof schemas.problem>>
  >;
}
