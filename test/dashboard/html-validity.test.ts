import { HtmlValidate } from 'html-validate/browser';
import { describe, expect, it } from 'vitest';
import { renderHtml } from '../../src/report/render/render-html.ts';
import { sampleReport } from '../report-render/sample-report.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { ACCESS, FakeDashboard } from './fake-dashboard.ts';
import { LIVE, progressOf } from './fake-drills.ts';
import { recordFleet } from './fleet-records.ts';
import { hostileDashboard, RUN } from './hostile-dashboard.ts';

const validator = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:document', 'html-validate:a11y'],
  rules: {
    'no-redundant-role': 'off', // tables that become cards lose their roles, so that they are written out
    'require-sri': 'off', // our own files, at addresses that identify their content
    'doctype-style': ['error', { style: 'lowercase' }], // as the formatter writes everything else
  },
});

/** @returns rule, message and position of every problem. */
async function findFaults(page: string): Promise<readonly string[]> {
  const { results } = await validator.validateString(page);
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line, column }) => `${line}:${column} ${ruleId}: ${message}`),
  );
}

async function check(dashboard: FakeDashboard, status: number, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const answer = await dashboard.ask(path);
    const isPage = answer.headers.get('content-type')?.startsWith('text/html');
    expect([path, answer.status, isPage, await findFaults(await answer.text())]).toEqual([path, status, true, []]);
  }
}

describe('valid HTML', () => {
  it('is recognised by this test', async () => {
    expect(
      await findFaults('<!doctype html><html lang="en"><head><title>x</title></head><p><div id=a></p><b id=a>'),
    ).not.toEqual([]);
  });

  it('covers every page of an installation with history', async () => {
    const dashboard = await new FakeDashboard().fill();
    await check(
      dashboard,
      200,
      '/',
      '/?tier=1&state=failed',
      '/?owner=nobody',
      '/drills/orders',
      '/drills/archive',
      '/drills/orders?range=7d',
      '/silences',
      '/owners/finance',
      '/runs',
    );
    await check(
      dashboard,
      200,
      '/runs/20261121-050000-billin',
      '/runs/20261121-050000-billin/compare',
      '/runs/20261121-050000-billin/compare?with=20261121-070000-ledger',
      '/runs/20261121-070000-ledger',
      '/report',
      '/api',
      '/report?month=2026-10',
    );
    dashboard.drills = dashboard.drills.filter(({ name }) => name !== 'orders');
    dashboard.now = new Date(dashboard.now.getTime() + 120_000);
    await check(dashboard, 200, '/drills/orders');
  });

  it('covers every page of a new installation', async () => {
    const dashboard = new FakeDashboard();
    dashboard.drills = [];
    await check(
      dashboard,
      200,
      '/',
      '/runs',
      '/report',
      '/runbooks/errored',
      '/runbooks/wrong-data',
      '/runbooks/too-slow',
    );
    await check(dashboard, 404, '/nope', '/drills/nope', '/runs/nope', '/runbooks/nope');
  });

  it('covers runners, with and without a shared store', async () => {
    const dashboard = new FakeDashboard();
    await recordFleet(dashboard.store);
    await check(dashboard, 200, '/runners');
    await check(new FakeDashboard({}, { ...createMemoryStore(), isShared: false }), 200, '/runners');
  });

  it('covers runs in progress, queued runs, broken files and kept sandboxes', async () => {
    const dashboard = await new FakeDashboard().fill();
    dashboard.control.waiting = [
      { drill: 'shop', since: dashboard.now, triggeredBy: 'schedule', waitsFor: 'for memory' },
    ];
    dashboard.broken = [
      { file: 'drills/x.yaml', problem: 'no name', problemCount: 2, since: dashboard.now, keeps: 'x' },
    ];
    dashboard.control.running = [
      {
        ...LIVE,
        runId: '20261121-050000-billin',
        drill: 'billing',
        startedAt: dashboard.now,
        triggeredBy: 'schedule',
        stages: [],
        stage: { name: 'restore', startedAt: dashboard.now },
        progress: progressOf('loading'),
        checks: [{ name: 'all there', passed: true, expected: '1', actual: '1', durationMs: 1 }],
        kept: {
          until: new Date(dashboard.now.getTime() + 600_000),
          shellCommand: 'docker exec -it fd-1 sh',
          clientCommand: 'psql',
        },
        keepMs: 60_000,
      },
    ];
    await check(dashboard, 200, '/', '/drills/billing', '/runs/20261121-050000-billin');
  });

  it("covers the sign-in, a signed-in user's page, and a refusal", async () => {
    const dashboard = new FakeDashboard({ access: { ...ACCESS, loopback: 'sign-in' } });
    await check(dashboard, 200, '/signin', '/signin?next=/runs');
    const cookie = await dashboard.signIn(await dashboard.addToken('ann', 'viewer'));
    expect(await findFaults(await (await dashboard.ask('/', { headers: { cookie } })).text())).toEqual([]);
    const refusals = [
      await dashboard.post('/signin', { token: 'x' }),
      await dashboard.post('/drills/orders/run', { form: await dashboard.formOf('/', cookie) }, { cookie }),
    ];
    for (const refused of refusals) expect([refused.status, await findFaults(await refused.text())]).toEqual([403, []]);
  });

  it('covers every page with scripts in untrusted texts', async () => {
    const dashboard = await hostileDashboard();
    await check(
      dashboard,
      200,
      '/',
      '/drills/orders',
      '/runs',
      `/runs/${RUN}`,
      '/report',
      `/?owner=${encodeURIComponent('"><b>')}`,
    );
  });

  it('covers the report as a file, including an empty one', async () => {
    const nothing = { standings: [], histories: [], endings: [], evidence: [] };
    for (const report of [sampleReport(), sampleReport(nothing)])
      expect(await findFaults(renderHtml(report, { version: '0.1.0' }))).toEqual([]);
  });
});
