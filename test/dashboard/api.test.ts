import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { providers } from '../../src/dashboard/api/provider-schema.ts';
import { routes } from '../../src/dashboard/api/routes.ts';
import { runners } from '../../src/dashboard/api/runners-schema.ts';
import * as schemas from '../../src/dashboard/api/schemas.ts';
import { recordBadDay } from './bad-day.ts';
import { FakeDashboard } from './fake-dashboard.ts';
import { LIVE, record, runGoingOn } from './fake-drills.ts';

const RUN = '20261121-050000-billin';

async function filled(): Promise<FakeDashboard> {
  const dashboard = await new FakeDashboard().fill();
  const { now } = dashboard;
  await record(dashboard.store, [runGoingOn()]);
  await recordBadDay(dashboard.store);
  await dashboard.store.addLog(RUN, [{ at: now, level: 'info', message: 'restoring' }]);
  dashboard.broken = [{ file: 'drills/x.yaml', problem: 'x', problemCount: 1, since: now, keeps: undefined }];
  const stage = { name: 'restore', startedAt: now } as const;
  const progress = {
    doing: 'loading',
    phase: 'load' as const,
    covers: ['load'] as const,
    bytesRead: 1,
    totalBytes: 2,
    bytesPerSecond: undefined,
    ratio: undefined,
    isStalled: false,
  };
  const kept = { until: now, shellCommand: 'sh', clientCommand: 'psql' };
  const base = {
    ...LIVE,
    drill: 'crm',
    startedAt: now,
    triggeredBy: 'schedule',
    stages: [{ ...stage, durationMs: 1, outcome: 'ok', phases: [] }],
    checks: [],
  } as const;
  dashboard.control.running = [
    { ...base, runId: 'run-crm', stage, progress, kept: undefined, keepMs: undefined },
    { ...base, runId: 'run-crm-2', stage: undefined, progress: undefined, kept, keepMs: 60_000 },
  ];
  dashboard.control.waiting = [{ drill: 'shop', since: now, triggeredBy: 'schedule', waitsFor: undefined }];
  return dashboard;
}

const post = (body: unknown) => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

describe('the API', () => {
  it.each<[string, z.ZodType]>([
    ['/drills', schemas.drills],
    ['/drills/orders', schemas.drillDetail],
    ['/drills/archive', schemas.drillDetail],
    ['/runs', schemas.runs],
    ['/runs?drill=orders&limit=3', schemas.runs],
    [`/runs/${RUN}`, schemas.run],
    ['/runs/20261120-060000-search', schemas.run],
    ['/runs/run-crm', schemas.run],
    [`/runs/${RUN}/log`, schemas.log],
    ['/running', schemas.running],
    ['/providers', providers],
    ['/runners', runners],
    ['/report', schemas.report],
    ['/report?month=2026-11&tier=1&owner=payments', schemas.report],
    ['/report?period=3d', schemas.problem],
    ['/nothing', schemas.problem],
    ['/runs/nothing', schemas.problem],
    ['/runs?limit=0', schemas.problem],
    ['/runs?unknown=x', schemas.problem],
    ['/report?unknown=x', schemas.problem],
  ])('responds to %s as its schema says', async (path, schema) => {
    const answer = await (await (await filled()).ask(`/api/v1${path}`)).json();
    expect(schema.safeParse(answer)).toMatchObject({ success: true });
  });

  it('runs, cancels and keeps, and reports when it cannot', async () => {
    const dashboard = await filled();
    const ask = async (path: string, body: unknown = {}) => {
      const answer = await dashboard.ask(`/api/v1${path}`, post(body));
      const json = (await answer.json()) as { outcome?: string; error?: { code: string } };
      return [answer.status, json.outcome ?? json.error?.code];
    };
    expect(await ask('/drills/orders/runs')).toEqual([202, 'queued']);
    expect(await ask('/drills/orders/runs?overBudget=true')).toEqual([202, 'queued']);
    expect(dashboard.control.asked.at(-1)).toMatch(/, over budget$/);
    expect(await ask('/drills/crm/runs')).toEqual([409, 'busy']);
    expect(await ask('/drills/nothing/runs')).toEqual([404, 'drill-not-found']);
    expect(await ask('/runs/run-crm/stop')).toEqual([202, 'stopping']);
    expect(await ask('/runs/gone/stop')).toEqual([409, 'not-running']);
    expect(await ask('/runs/run-crm/keep', { minutes: 30 })).toEqual([202, 'keeping']);
    dashboard.control.unfollowed = 'elsewhere';
    expect(await ask('/runs/elsewhere/stop')).toEqual([409, 'unreachable']);
    expect(await ask('/runs/elsewhere/keep', { minutes: 30 })).toEqual([409, 'unreachable']);
    for (const body of [{ minutes: 61 }, { minutes: 0 }, { minutes: '30' }, { minutes: 30, more: 1 }, undefined])
      expect(await ask('/runs/run-crm/keep', body)).toEqual([400, 'usage']);
    dashboard.control.unavailable = 'the store is being reopened';
    expect(await ask('/drills/orders/runs')).toEqual([503, 'unavailable']);
  });

  it('acknowledges, snoozes and undoes both', async () => {
    const dashboard = await filled();
    const ask = async (drill: string, body: unknown) => {
      const answer = await dashboard.ask(`/api/v1/drills/${drill}/acknowledgement`, post(body));
      const json = (await answer.json()) as { outcome?: string; error?: { code: string } };
      return [answer.status, json.outcome ?? json.error?.code];
    };
    const shown = async () => {
      const answer = await dashboard.ask('/api/v1/drills/billing');
      return ((await answer.json()) as { acknowledgement: unknown }).acknowledgement;
    };
    expect(await ask('billing', { kind: 'acknowledged', reason: 'disks', for: '1d' })).toEqual([202, 'acknowledged']);
    expect(await shown()).toEqual({
      kind: 'acknowledged',
      at: '2026-11-21T12:00:00.000Z',
      by: 'local user (API)',
      reason: 'disks',
      until: '2026-11-22T12:00:00.000Z',
    });
    const end = () => dashboard.ask('/api/v1/drills/billing/acknowledgement', { ...post({}), method: 'DELETE' });
    expect((await end()).status).toBe(202);
    expect((await end()).status).toBe(409);
    expect(await shown()).toBeNull();
    expect(await ask('ledger', { kind: 'acknowledged', reason: 'x' })).toEqual([409, 'no-problem']);
    expect(await ask('ledger', { kind: 'snoozed', reason: 'x' })).toEqual([400, 'usage']);
    expect(await ask('ledger', { kind: 'snoozed', reason: ' ', for: '1d' })).toEqual([400, 'usage']);
    expect(await ask('nothing', { kind: 'snoozed', reason: 'x', for: '1d' })).toEqual([404, 'drill-not-found']);
  });

  it('plans a silence for many drills, shows it, and ends it', async () => {
    const dashboard = await filled();
    const add = async (body: unknown) => {
      const answer = await dashboard.ask('/api/v1/silences', post(body));
      return { status: answer.status, json: (await answer.json()) as { id?: string; error?: { message: string } } };
    };
    const planned = await add({ owner: 'finance', for: '4h', reason: 'storage migration', pause: true });
    expect([planned.status, planned.json]).toMatchObject([
      201,
      { phase: 'active', match: { owner: 'finance', drills: null }, by: 'local user (API)', pausesRuns: true },
    ]);
    const drill = async (name: string) => (await dashboard.ask(`/api/v1/drills/${name}`)).json();
    expect(await drill('ledger')).toMatchObject({ silence: { reason: 'storage migration' } });
    expect(await drill('orders')).toMatchObject({ silence: null });
    for (const [body, message] of [
      [{ for: '4h', reason: 'x' }, 'Choose drills by name, owner, tier or label, or choose all.'],
      [{ drills: ['nothing'], for: '4h', reason: 'x' }, 'There is no drill "nothing".'],
      [{ labels: { service: 'x' }, for: '4h', reason: 'x' }, 'No drill matches service=x.'],
      [{ all: true, owner: 'finance', for: '4h', reason: 'x' }, 'Choose some drills or all of them, not both.'],
      [{ all: true, reason: 'x' }, 'for: is missing; write a duration such as 4h, or when it ends'],
    ] as const)
      expect(await add(body)).toMatchObject({ status: 400, json: { error: { message } } });
    const end = () => dashboard.ask(`/api/v1/silences/${planned.json.id}`, { ...post({}), method: 'DELETE' });
    expect([(await end()).status, (await end()).status]).toEqual([202, 409]);
    expect(await (await dashboard.ask('/api/v1/silences')).json()).toMatchObject({
      silences: [{ phase: 'over', ended: { by: 'local user (API)' } }],
    });
    expect(dashboard.control.asked).toEqual(['refresh', 'refresh']);
    expect(dashboard.accesses.at(-1)).toBe(`local user ended silence ${planned.json.id}, by the API`);
  });

  it('pages through runs, each once', async () => {
    const dashboard = await filled();
    const ids: string[] = [];
    let after = '';
    do {
      const answer = await dashboard.ask(`/api/v1/runs?limit=40${after}`);
      const { runs, next } = schemas.runs.parse(await answer.json());
      ids.push(...runs.map(({ id }) => id));
      after = next === null ? '' : `&after=${encodeURIComponent(next)}`;
    } while (after !== '');
    expect([ids.length, new Set(ids).size]).toEqual([86, 86]);
    expect((await dashboard.ask('/api/v1/runs?after=x')).status).toBe(400);
    const csv = await dashboard.ask('/api/v1/runs.csv?limit=2');
    expect(csv.headers.get('link')).toMatch(/^<\?after=\d+_[\w-]+>; rel="next"$/);
    expect((await csv.text()).split('\r\n')).toHaveLength(4);
  });
});

describe('the OpenAPI document', () => {
  it('covers every route with its parameters and responses, and every schema that it refers to', async () => {
    const answer = await (await new FakeDashboard().ask('/api/v1/openapi.json')).json();
    const document = answer as {
      paths: Record<string, Record<string, { operationId: string; parameters?: { name: string; in: string }[] }>>;
      components: { schemas: object; securitySchemes: object };
    };
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(
      Object.values(routes)
        .map(({ operationId }) => operationId)
        .toSorted(),
    );
    expect(document.paths['/runs']?.['get']?.parameters).toMatchObject(
      ['drill', 'result', 'owner', 'tier', 'trigger', 'from', 'to', 'after', 'limit'].map((name) => ({
        name,
        in: 'query',
        required: false,
      })),
    );
    expect(document.paths['/runs/{id}/keep']?.['post']).toMatchObject({
      parameters: [{ name: 'id', in: 'path', required: true }],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/KeepRequest' } } },
      },
      responses: {
        202: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Accepted' } } } },
        409: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } } },
      },
    });
    const text = JSON.stringify(document);
    const wanted = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name));
    expect([...wanted].filter((name) => !(name !== undefined && name in document.components.schemas))).toEqual([]);
    expect(text).not.toContain('"$schema"');
    expect(document.components.securitySchemes).toEqual({ token: { type: 'http', scheme: 'bearer' } });
  });

  it('describes every endpoint with the schema of its response', async () => {
    const dashboard = await filled();
    const names: Record<string, string> = { name: 'orders', id: RUN };
    for (const { method, path, responses } of Object.values(routes)) {
      const url = `/api/v1${path.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? '')}`;
      const response = await dashboard.ask(
        url,
        method === 'get' ? {} : { ...post({ minutes: 10 }), method: method.toUpperCase() },
      );
      expect([path, response.status]).not.toEqual([path, 404]);
      expect(Object.keys(responses)).toContain(String(response.status));
      const success = 200 in responses ? responses[200] : 202 in responses ? responses[202] : responses[201];
      const { content } = success;
      if (response.ok && 'application/json' in content)
        expect(content['application/json'].schema.safeParse(await response.json())).toMatchObject({ success: true });
    }
  });
});
