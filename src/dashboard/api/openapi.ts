import { z } from 'zod';
import * as schemas from './schemas.ts';

interface Operation {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly answer: z.ZodType | 'text/csv';
  readonly status?: 202;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Beside 400, 401, 403, 429. */
  readonly problems?: readonly number[];
}

/** Everything that the API does. */
export const OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/drills',
    id: 'getDrills',
    summary: 'Every drill, what needs somebody first',
    answer: schemas.drills,
  },
  {
    method: 'get',
    path: '/drills/{name}',
    id: 'getDrill',
    summary: 'One drill with its definition',
    answer: schemas.drillDetail,
    problems: [404],
  },
  {
    method: 'post',
    path: '/drills/{name}/runs',
    id: 'runDrill',
    summary: 'Puts a run in the queue',
    answer: schemas.accepted,
    status: 202,
    problems: [404, 409, 503],
  },
  {
    method: 'get',
    path: '/runs',
    id: 'getRuns',
    summary: 'Runs, newest first',
    answer: schemas.runs,
    query: schemas.runsQuery,
  },
  {
    method: 'get',
    path: '/runs.csv',
    id: 'getRunsAsCsv',
    summary: 'The same as CSV',
    answer: 'text/csv',
    query: schemas.runsQuery,
  },
  {
    method: 'get',
    path: '/report',
    id: 'getReport',
    summary: 'What history says over a period',
    answer: schemas.report,
    query: schemas.reportQuery,
  },
  { method: 'get', path: '/runs/{id}', id: 'getRun', summary: 'One run, whole', answer: schemas.run, problems: [404] },
  {
    method: 'get',
    path: '/runs/{id}/log',
    id: 'getLog',
    summary: 'The log of a run',
    answer: schemas.log,
    problems: [404],
  },
  {
    method: 'post',
    path: '/runs/{id}/stop',
    id: 'stopRun',
    summary: 'Gives a run up, or removes a kept sandbox',
    answer: schemas.accepted,
    status: 202,
    problems: [409],
  },
  {
    method: 'post',
    path: '/runs/{id}/keep',
    id: 'keepSandbox',
    summary: 'Keeps the sandbox of a run afterwards',
    answer: schemas.accepted,
    status: 202,
    body: schemas.keepRequest,
    problems: [409],
  },
  {
    method: 'get',
    path: '/running',
    id: 'getRunning',
    summary: 'What goes on now, and what waits',
    answer: schemas.running,
  },
];

const PROBLEM_WORDS: Readonly<Record<number, string>> = {
  400: 'Not understood',
  401: 'The token is missing or not known',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Not possible at the moment',
  429: 'Too many wrong tokens',
  503: 'Drills can only be read here',
};

/** The API in the words of OpenAPI 3.1 (spec.openapis.org/oas/v3.1.1). */
export function describeApi(version: string): object {
  const components = z.toJSONSchema(registryOf(), {
    uri: (id) => `#/components/schemas/${id}`,
    io: 'output',
    unrepresentable: 'any',
  });
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describeOperation(operation) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Firedrill',
      version,
      description:
        'Drills, their runs, and what goes on. Instants are ISO 8601 in UTC, durations milliseconds, sizes bytes; what is not known is null. Tokens are made by `firedrill token add`.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(components.schemas).map(([id, schema]) => [id, withoutNames(schema)])),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function registryOf() {
  const registry = z.registry<{ id?: string }>();
  for (const schema of Object.values(schemas)) {
    const id = schema.meta()?.id;
    if (id !== undefined) registry.add(schema, { id });
  }
  return registry;
}

function describeOperation({
  method,
  path,
  id,
  summary,
  answer,
  status,
  query,
  body,
  problems = [],
}: Operation): object {
  const parameters = [...pathParameters(path), ...(query ? queryParameters(query) : [])];
  return {
    operationId: id,
    summary: method === 'post' ? `${summary}; operators only` : summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(method === 'post'
      ? {
          requestBody: {
            required: body !== undefined,
            content: { 'application/json': body ? { schema: refTo(body) } : {} },
          },
        }
      : {}),
    responses: {
      [String(status ?? 200)]: {
        description: 'Done',
        content: answer === 'text/csv' ? { 'text/csv': {} } : { 'application/json': { schema: refTo(answer) } },
      },
      ...Object.fromEntries(
        [400, 401, 403, 429, ...problems].sort().map((code) => [
          String(code),
          {
            description: PROBLEM_WORDS[code] ?? '',
            content: { 'application/json': { schema: refTo(schemas.problem) } },
          },
        ]),
      ),
    },
  };
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodObject): object[] {
  const { properties = {} } = z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}

function refTo(schema: z.ZodType): object {
  return { $ref: `#/components/schemas/${schema.meta()?.id}` };
}

/** Each stands under its name already. */
function withoutNames(schema: object): object {
  const { $id: _, $schema: __, id: ___, ...rest } = schema as Record<string, unknown>;
  return rest;
}
