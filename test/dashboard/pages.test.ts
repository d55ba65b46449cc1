import { describe, expect, it } from 'vitest';
import type { ReportQuery } from '../../src/dashboard/deps.ts';
import type { CheckRecord } from '../../src/record/check-record.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import { readStandings } from '../../src/status/read-standings.ts';
import { html } from '../../src/support/html.ts';
import { drillState } from '../support/schedule-records.ts';
import { FakeDashboard } from './fake-dashboard.ts';
import { drillOf, LIVE, record, runAt, runGoingOn } from './fake-drills.ts';

async function textOf(dashboard: FakeDashboard, path: string): Promise<string> {
  const answer = await dashboard.ask(path);
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.text();
}

/** The visible text: without tags, white space collapsed. */
function wordsOf(page: string): string {
  const text = page.replaceAll(/<(script|title|head)[\s\S]*?<\/\1>/g, ' ').replaceAll(/<[^>]*>/g, ' ');
  return text.replaceAll('&#39;', "'").replaceAll(/\s+/g, ' ');
}

const rowsOf = (page: string) =>
  [...page.matchAll(/<th scope="row"[^>]*><a href="\/drills\/(\w+)"/g)].map(([, name]) => name);
const going = (drill: string, runId: string, at: Date) =>
  ({
    ...LIVE,
    runId,
    drill,
    startedAt: at,
    triggeredBy: 'schedule',
    stages: [],
    stage: { name: 'restore', startedAt: at },
    progress: undefined,
    checks: [],
    kept: undefined,
    keepMs: undefined,
  }) as const;

describe('the overview', () => {
  it('says in a sentence what is proven, what needs attention first, and the state of each drill', async () => {
    const page = await textOf(await new FakeDashboard().fill(), '/');
    expect(page).toContain('<title>✖ Overview · Firedrill</title>');
    expect(page).toMatch(/<link rel="icon" type="image\/svg\+xml" href="\/assets\/red-/);
    expect(wordsOf(page)).toContain('2 of 7 databases proven recoverable 2 failed, 2 never drilled, 1 errored');
    expect(rowsOf(page)).toEqual(['billing', 'orders', 'crm', 'archive', 'search', 'ledger', 'shop']);
    expect(wordsOf(page)).toContain(
      'orders tier 1 · payments ✖ failed failing for 3 runs: recovery took 21 min, target 15 min (6 min over); slowest: restore 14 min 42 s for 2 d 21 min RTO 15 min 9 h RPO 26 h in 15 h',
    );
  });

  it('is green only when every drill is', async () => {
    const dashboard = new FakeDashboard();
    dashboard.drills = [drillOf('shop')];
    await record(dashboard.store, [runAt('shop', 6, 2)]);
    const page = await textOf(dashboard, '/');
    expect(page).toContain('<title>✔ Overview · Firedrill</title>');
    expect(wordsOf(page)).toContain('1 of 1 database proven recoverable');
    dashboard.broken = [
      {
        file: 'drills/x.yaml',
        problem: 'drills/x.yaml:1:1: name: is missing',
        problemCount: 1,
        since: dashboard.now,
        keeps: undefined,
      },
    ];
    const broken = await textOf(dashboard, '/');
    expect(broken).toContain('<title>✖ Overview');
    expect(wordsOf(broken)).toContain('1 drill file is invalid drills/x.yaml:1:1: name: is missing');
  });

  it('filters by tier, owner and state', async () => {
    const dashboard = await new FakeDashboard().fill();
    const ask = async (query: string) => rowsOf(await textOf(dashboard, `/?${query}`));
    expect(await ask('tier=1&owner=finance')).toEqual(['billing', 'ledger']);
    expect(await ask('state=failed')).toEqual(['billing', 'orders']);
    expect(await ask('state=bad&tier=3&owner=')).toEqual(['archive', 'search']);
    expect(wordsOf(await textOf(dashboard, '/?tier=9'))).toContain(
      'No drills match Change the search or the filters, or show all 7 .',
    );
  });

  it('shows runs in progress with stage, bytes and rate, and what queued runs wait for', async () => {
    const dashboard = await new FakeDashboard().fill();
    const progress = {
      doing: 'loading customer',
      phase: 'load' as const,
      covers: ['load'] as const,
      bytesRead: 12.3e9,
      totalBytes: 48.1e9,
      bytesPerSecond: 2.1e8,
      ratio: 0.256,
      isStalled: false,
    };
    dashboard.control.running = [{ ...going('crm', '20261121-115600-crm', dashboard.now), progress }];
    dashboard.control.waiting = [
      {
        drill: 'archive',
        since: dashboard.now,
        triggeredBy: 'schedule',
        waitsFor: 'for memory: needs 2.15 GB, 1.07 GB free',
      },
    ];
    const page = await textOf(dashboard, '/');
    expect(wordsOf(page)).toContain('restore, stage 5 of 7 loading customer · 25 % · 12.3 GB of 48.1 GB at 210 MB/s');
    expect(page).toContain('aria-label="crm: recovery time against its RTO"');
    const stalled = { ...progress, bytesPerSecond: 0, isStalled: true };
    dashboard.control.running = [{ ...going('crm', '20261121-115600-crm', dashboard.now), progress: stalled }];
    expect(wordsOf(await textOf(dashboard, '/'))).toContain(
      'loading customer · 25 % · 12.3 GB of 48.1 GB at 0 B/s · nothing read for 5 s',
    );
    expect(wordsOf(page)).toContain('archive waits for memory: needs 2.15 GB, 1.07 GB free');
  });

  it('explains how to write a drill when there is none', async () => {
    const dashboard = new FakeDashboard();
    dashboard.drills = [];
    const words = wordsOf(await textOf(dashboard, '/'));
    for (const step of ['No drills yet', 'firedrill init --name orders', 'firedrill validate', 'firedrill run orders'])
      expect(words).toContain(step);
  });

  it('says that nothing is known yet while a scheduler starts, instead of how to write a drill', async () => {
    const dashboard = new FakeDashboard();
    dashboard.drills = [];
    dashboard.control.unavailable = 'the scheduler starts';
    const words = wordsOf(await textOf(dashboard, '/'));
    expect(words).toContain('Loading drills…');
    expect(words).toContain('Drills are read-only here: the scheduler starts');
    expect(words).not.toContain('firedrill init');
  });

  it('states a state once: in its badge, and not in the sentence beside it', async () => {
    const words = wordsOf(await textOf(await new FakeDashboard().fill(), '/'));
    expect(words).toContain('✖ never drilled recovery has never been tested');
    expect(words).toContain('✖ failed 1 of 2 checks failed: every order has its payment');
    expect(words).toContain('✖ failed failing for 3 runs');
  });

  it('serves a fragment for the script that refreshes it', async () => {
    const dashboard = await new FakeDashboard().fill();
    const part = await textOf(dashboard, '/?part=drills&state=failed');
    expect(part).toMatch(/^<div id="drills" data-live="/);
    expect(rowsOf(part)).toEqual(['billing', 'orders']);
    expect(await textOf(dashboard, '/?part=constructor')).toContain('<!doctype html>');
  });
});

describe('the page of a drill', () => {
  it('shows its state, trend, checks over time, runs and configuration without secrets', async () => {
    const page = await textOf(await new FakeDashboard().fill(), '/drills/orders');
    const words = wordsOf(page);
    for (const text of [
      'failing for 3 runs',
      'RTO 15 min, RPO 26 h',
      'in 15 h , 22 Nov 2026, 03:00 UTC',
      'every order has its payment no row',
      '20 of 20',
      'Current configuration',
      'ababababab',
      'select count(*) from customer',
    ])
      expect(words).toContain(text);
    expect(page).toContain('Recovery time of orders by stage against its RTO, and the size of the backup');
    expect(words).toContain('Forecast');
    expect(words).toMatch(/Stage Share Median Newest Longest Included in RTO locate 18.4 s 25.2 s 25.2 s yes/);
    expect(page).toContain('aria-label="customers are all there: passed in 20 of 20 runs"');
    expect(page).toContain('<form class="action" method="post" action="/drills/orders/run">');
  });

  it('pages through history, newest first, each run once', async () => {
    const dashboard = new FakeDashboard();
    const runs = Array.from({ length: 60 }, (_, index) =>
      runAt('shop', 60 - index, 2, { id: `run-${String(index).padStart(2, '0')}` }),
    );
    await record(dashboard.store, runs);
    const seen: string[] = [];
    let path: string | undefined = '/drills/shop';
    let pages = 0;
    while (path !== undefined) {
      const page: string = await textOf(dashboard, path);
      seen.push(
        ...[...page.matchAll(/<th scope="row"[^>]*><a class="id" href="\/runs\/(run-\d\d)"/g)].map(([, id = '']) => id),
      );
      path = /<a href="(\/drills\/shop\?after=[^"]+)">Older/.exec(page)?.[1];
      pages += 1;
    }
    expect([pages, seen]).toEqual([3, runs.map(({ id }) => id).toReversed()]);
  });

  it('says what to do when it was never run', async () => {
    expect(wordsOf(await textOf(new FakeDashboard(), '/drills/archive'))).toContain(
      'Recovery has never been tested. Run it now, or type firedrill run archive',
    );
  });

  it('keeps the history of a removed drill, and does not offer to run it', async () => {
    const dashboard = await new FakeDashboard().fill();
    dashboard.drills = dashboard.drills.filter(({ name }) => name !== 'orders');
    const page = await textOf(dashboard, '/drills/orders');
    expect(wordsOf(page)).toContain('This drill’s file was removed');
    expect(page).not.toContain('run-now');
    expect((await dashboard.ask('/drills/nothing')).status).toBe(404);
  });

  it('lists skipped runs', async () => {
    const dashboard = await new FakeDashboard().fill();
    await dashboard.store.saveDrillState(drillState(), [
      {
        drill: 'orders',
        kind: 'window',
        reason: 'not during mon-fri 08:00-18:00',
        count: 1,
        first: dashboard.now,
        last: dashboard.now,
        recordedAt: dashboard.now,
      },
    ]);
    expect(wordsOf(await textOf(dashboard, '/drills/orders'))).toContain(
      '21 Nov 2026, 12:00 UTC window 1 not during mon-fri 08:00-18:00',
    );
  });
});

describe('the page of a run', () => {
  const FAILED = '/runs/20261121-050000-billin';

  it('shows why, the next step, each stage, each check with expected and actual, and what was recorded', async () => {
    const words = wordsOf(await textOf(await new FakeDashboard().fill(), FAILED));
    for (const text of [
      'failed Compare with the last pass Run again 1 of 2 checks failed: every order has its payment: expected no row, got 3 rows Why',
      'Why What failed wrong-data Likely cause The data in the backup, or a check with a wrong expectation. Next Keep the restored copy',
      'Runbook wrong-data Recovery time 4 min RTO 15 min Backup age 9 h RPO 26 h',
      'restore ✔ ok 2 min 48 s yes',
      'teardown ✔ ok 12.0 s no',
      'every order has its payment ✖ failed no row 3 rows 41 ms',
      'orders/orders-2026-11-21.dump',
      'latest of 31',
      'no network',
      'Cleanup confirmed',
    ])
      expect(words).toContain(text);
  });

  it('shows a single reason and its warnings once, and each of several reasons with its own next step', async () => {
    const dashboard = await new FakeDashboard().fill();
    const wrong = { reason: 'wrong-data', sentence: '1 of 2 checks failed', hint: 'Look at the rows.' } as const;
    const slow = { reason: 'too-slow', sentence: 'recovery took 21 min', hint: 'Give it more cores.' } as const;
    const run = (id: string, reasons: RunRecord['reasons']) => runAt('shop', 1, 2, { id, verdict: 'failed', reasons });
    await record(dashboard.store, [
      run('run-two', [wrong, slow]),
      run('run-long', [{ ...slow, sentence: `${'x'.repeat(1100)} end` }]),
    ]);
    expect(wordsOf(await textOf(dashboard, '/runs/run-two'))).toContain(
      'Why What failed wrong-data 1 of 2 checks failed Next Look at the rows. What failed too-slow recovery took 21 min Next Give it more cores. Likely cause',
    );
    expect(wordsOf(await textOf(dashboard, '/runs/20261120-060000-search'))).toContain(
      'disk-full: no space is left for the data of the sandbox: 12.1 GB wanted, 3.2 GB free Why What failed disk-full in restore Likely cause The drill: its configuration or environment. Nothing is known about the backup. Next Free space',
    );
    expect(wordsOf(await textOf(dashboard, '/runs/20261121-070000-ledger'))).toContain(
      'Recovered in 11 min (RTO 15 min); backup 9 h old (RPO 26 h). Warnings recovery took 12 min, 82 % of the target Recovery time 11 min',
    );
    // What does not fit into the lead is shown in full.
    expect(wordsOf(await textOf(dashboard, '/runs/run-long'))).toContain(
      'x end Likely cause Recovery: the data was recovered, but too late. Next Give it more cores.',
    );
  });

  it('shows the times of a freshness check in a readable form, and other database values unchanged', async () => {
    const dashboard = await new FakeDashboard().fill();
    const expected = 'at most 26 h older than the backup of 2026-11-20T03:14:15.926Z';
    const at = '2026-11-20T01:59:01.123Z';
    const checkOf = (name: string, changes: Partial<CheckRecord>) => ({
      ...{ name, passed: true, expected, actual: at, durationMs: 4 },
      ...changes,
    });
    const checks = [
      checkOf('fresh', {}),
      checkOf('old', { passed: false, actual: '2026-11-18T22:00:00.000Z, 29 h older' }),
      checkOf('text', { passed: false, actual: `'${at}', which is not an instant` }),
      checkOf('broken', { passed: false, actual: '2026-99-99T00:00:00.000Z is not valid' }),
      checkOf('quoted', { expected: `'x older than the backup of ${at}'`, actual: `'${at}'` }),
      checkOf('exact', { expected: "'2026-11-20T01:59:01Z'" }),
    ];
    await record(dashboard.store, [runAt('shop', 1, 2, { id: 'run-fresh', checks })]);
    const page = await textOf(dashboard, '/runs/run-fresh');
    expect(page).toContain(`<time datetime="${at}" title="${at}">20 Nov 2026, 01:59 UTC</time>`);
    for (const row of [
      'fresh ✔ passed at most 26 h older than the backup of 20 Nov 2026, 03:14 UTC 20 Nov 2026, 01:59 UTC 4 ms',
      'old ✖ failed at most 26 h older than the backup of 20 Nov 2026, 03:14 UTC 18 Nov 2026, 22:00 UTC , 29 h older 4 ms',
      `text ✖ failed at most 26 h older than the backup of 20 Nov 2026, 03:14 UTC '${at}', which is not an instant`,
      'broken ✖ failed at most 26 h older than the backup of 20 Nov 2026, 03:14 UTC 2026-99-99T00:00:00.000Z is not valid',
      `quoted ✔ passed 'x older than the backup of ${at}' '${at}' 4 ms`,
      `exact ✔ passed '2026-11-20T01:59:01Z' ${at} 4 ms`,
    ])
      expect(wordsOf(page)).toContain(row);
    expect(wordsOf(await textOf(dashboard, '/drills/shop'))).toContain(
      'fresh at most 26 h older than the backup of 20 Nov 2026, 03:14 UTC 1 of 1',
    );
    expect(await (await dashboard.ask('/api/v1/runs/run-fresh')).json()).toMatchObject({ checks });
  });

  it('shows the runbook page of its reason, limited to its code', async () => {
    const dashboard = await new FakeDashboard().fill();
    expect(wordsOf(await textOf(dashboard, FAILED))).toContain('At least one check failed.');
    const errored = wordsOf(await textOf(dashboard, '/runs/20261120-060000-search'));
    expect(errored).toContain('Runbook: disk-full');
    expect(errored).toContain('No space left for the sandbox');
    expect(errored).not.toContain('The command line is invalid');
  });

  it("shows the runbook of the drill's owner before our own", async () => {
    const dashboard = await new FakeDashboard({
      runbooks: {
        page: async () => 'ours',
        ofDrill: async () =>
          '# Orders\n\nCall **Ada** first, see [the wiki](https://wiki.example/orders) or [x](javascript:alert(1)).',
      },
    }).fill();
    const page = await textOf(dashboard, '/runs/20261121-040000-orders');
    expect(page).toContain(
      'Call <strong>Ada</strong> first, see <a href="https://wiki.example/orders" rel="noreferrer noopener">the wiki</a>',
    );
    expect(page.indexOf('runbook-own')).toBeLessThan(page.indexOf('runbook-too-slow'));
  });

  it('shows its stages while in progress, and lets operators cancel it or keep its sandbox', async () => {
    const dashboard = await new FakeDashboard().fill();
    await record(dashboard.store, [runGoingOn()]);
    const since = new Date(dashboard.now.getTime() - 60_000);
    dashboard.control.running = [going('crm', 'run-crm', since)];
    const page = await textOf(dashboard, '/runs/run-crm');
    expect(wordsOf(page)).toContain(`restore ▶ running since ${since.toISOString().slice(11, 19)} yes`);
    expect(page).toMatch(/data-icon="\/assets\/busy-/);
    expect(page).toContain('href="/runs/run-crm/cancel"');
    const asked = await textOf(dashboard, '/runs/run-crm/cancel');
    expect(asked).toContain('action="/runs/run-crm/stop"');
    expect(wordsOf(asked)).toContain('crm is in progress: restore, stage 5 of 7');
    expect(page).toContain('action="/runs/run-crm/keep"');
  });

  it('shows for a kept sandbox the outcome, the time left and how to connect, and ends it', async () => {
    const dashboard = await new FakeDashboard().fill();
    const live = {
      ...going('billing', '20261121-050000-billin', dashboard.now),
      stage: undefined,
      kept: {
        until: new Date('2026-11-21T12:23:30Z'),
        shellCommand: 'docker exec -it 1a2b sh',
        clientCommand: "env PGPASSFILE=/tmp/pgpass psql -d 'a b'",
      },
      keepMs: 1_800_000,
    };
    dashboard.control.running = [live];
    const words = wordsOf(await textOf(dashboard, FAILED));
    expect(words).toContain(
      "got 3 rows The sandbox is up until 21 Nov 2026, 12:23 UTC It is removed in 23 min . Run on db-host (click a command to select it): Connect to its server env PGPASSFILE=/tmp/pgpass psql -d 'a b' Open a shell in it docker exec -it 1a2b sh Remove the sandbox Why What failed wrong-data",
    );
    expect(words).not.toMatch(/is kept|Cancel run/);
    const form = await dashboard.formOf(FAILED);
    const removed = await dashboard.post(`${FAILED}/stop`, { form });
    expect(wordsOf(await textOf(dashboard, removed.headers.get('location') ?? ''))).toContain(
      'Its sandbox is being removed.',
    );
    dashboard.control.running = [{ ...live, kept: { ...live.kept, clientCommand: '' } }];
    expect(wordsOf(await textOf(dashboard, FAILED))).not.toContain('Connect to its server');
    dashboard.now = live.kept.until;
    const over = wordsOf(await textOf(dashboard, FAILED));
    expect(over).toContain('It is being removed. Why');
    expect(over).not.toContain('docker exec');
  });

  it('says that a kept sandbox was not removed by the run', async () => {
    const dashboard = new FakeDashboard();
    const run = runAt('shop', 1, 2, { id: 'run-kept' });
    const sandbox = run.sandbox && { ...run.sandbox, removed: false };
    const stages = run.stages.filter(({ name }) => name !== 'teardown');
    await record(dashboard.store, [
      { ...run, sandbox: sandbox && { ...sandbox, kept: true }, stages },
      { ...run, id: 'run-leak', sandbox },
      { ...run, id: 'run-dead', sandbox, stages, status: 'interrupted', verdict: undefined },
    ]);
    const told = async (id: string) =>
      / Cleanup (.*?) Log?/.exec(`${wordsOf(await textOf(dashboard, `/runs/${id}`))} Log`)?.[1];
    expect(await told('run-kept')).toMatch(/^kept on request/);
    for (const id of ['run-leak', 'run-dead']) expect(await told(id)).toMatch(/^not confirmed/);
  });

  it('shows its log, limited to the last lines of a long one', async () => {
    const dashboard = await new FakeDashboard().fill();
    const lines = Array.from({ length: 600 }, (_, index) => ({
      at: dashboard.now,
      level: 'info' as const,
      message: `line ${index}`,
    }));
    await dashboard.store.addLog('20261121-050000-billin', lines);
    const words = wordsOf(await textOf(dashboard, FAILED));
    expect(words).toContain('600 lines; the last 500 are shown');
    expect(words).toContain('600 12:00:00 info line 599');
    expect(words).not.toContain('line 99 ');
    const whole = await dashboard.ask(`${FAILED}/log.txt`);
    expect((await whole.text()).split('\n').at(-2)).toBe('2026-11-21T12:00:00.000Z info  line 599');
  });

  it('is found by a prefix of its id, or reported as not found', async () => {
    const dashboard = await new FakeDashboard().fill();
    expect((await dashboard.ask('/runs/20261121-05')).headers.get('location')).toBe(FAILED);
    expect((await dashboard.ask('/runs/nothing')).status).toBe(404);
  });
});

describe('the report', () => {
  it('covers the period chosen on the page', async () => {
    const asked: object[] = [];
    const reports = {
      renderTrend: async () => undefined,
      readOutlook: async () => ({ tallies: [], breach: undefined }),
      renderReport: async (query: ReportQuery) => {
        asked.push(query);
        return html`<p>the report</p>`;
      },
      exportReport: () => {
        throw new Error('nobody asked');
      },
    };
    const dashboard = new FakeDashboard({ reports });
    await textOf(dashboard, '/report');
    expect(asked.splice(0)).toHaveLength(1);
    for (const _ of [1, 2]) await textOf(dashboard, '/report?period=90d');
    expect(asked).toEqual([]); // it is reused for a minute
    dashboard.now = new Date(dashboard.now.getTime() + 60_000);
    for (const query of ['', '?period=7d&tier=1&owner=finance', '?month=2026-10'])
      expect(await textOf(dashboard, `/report${query}`)).toContain('<p>the report</p>');
    const to = dashboard.now;
    const everything = { tier: undefined, owner: undefined };
    const ninety = { from: new Date('2026-08-23T12:01:00Z'), to, ...everything };
    expect(asked).toEqual([
      ninety,
      { from: new Date('2026-11-14T12:01:00Z'), to, tier: 1, owner: 'finance' },
      { from: new Date('2026-10-01T00:00:00Z'), to: new Date('2026-11-01T00:00:00Z'), ...everything },
    ]);
    expect((await dashboard.ask('/report?period=&month=&tier=&owner=')).status).toBe(200);
    expect(await textOf(dashboard, '/report?month=2026-10')).toContain('?month=2026-10" download>');
  });
});

it.each([
  ['html', 'text/html; charset=utf-8', /^<!doctype html>[\s\S]*orders[\s\S]*<\/html>\n$/],
  ['md', 'text/markdown; charset=utf-8', /^# .*\n[\s\S]*orders/],
  ['json', 'application/json', /^\{\n {2}"type": "firedrill-report"[\s\S]*\}\n$/],
  ['csv', 'text/csv; charset=utf-8', /^test_date,scenario_type,[\s\S]*,20261121-050000-billin,billing,/],
])('is downloadable as %s, for the period and drills that the page shows', async (format, type, content) => {
  const dashboard = await new FakeDashboard().fill();
  expect(await textOf(dashboard, '/report?period=30d&owner=payments')).toContain(
    `href="/report/report.${format}?period=30d&amp;owner=payments"`,
  );
  const answer = await dashboard.ask(`/report/report.${format}?period=30d`);
  expect(answer.headers.get('content-type')).toBe(type);
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="firedrill-30d.${format}"`);
  expect(await answer.text()).toMatch(content);
  expect(await (await dashboard.ask(`/report/report.${format}?owner=nobody`)).text()).not.toMatch(/20261121-050000/);
  expect((await dashboard.ask('/report/report.docx')).status).toBe(404);
});

it('a problem is acknowledged and a drill snoozed by operators, and both are undone', async () => {
  const dashboard = await new FakeDashboard().fill();
  const said = async (path: string, form: Record<string, string>) => {
    const { status, headers } = await dashboard.post(path, {
      form: await dashboard.formOf('/drills/billing'),
      ...form,
    });
    return status === 303 ? headers.get('location') : status;
  };
  const page = () => textOf(dashboard, '/drills/billing');
  expect(wordsOf(await page())).toContain('Acknowledge or snooze');
  const form = { kind: 'acknowledged', reason: 'the new disks come on Monday', for: '' };
  expect(await said('/drills/billing/acknowledge', form)).toBe('/drills/billing?said=acknowledged');
  const words = 'acknowledged by local user (web): the new disks come on Monday';
  expect(wordsOf(await page()).toLowerCase()).toContain(words.toLowerCase());
  expect(wordsOf(await textOf(dashboard, '/'))).toContain(words);
  expect(await said('/drills/billing/acknowledge/end', {})).toBe('/drills/billing?said=ended');
  expect(await page()).not.toContain('acknowledged by');
  const snooze = { kind: 'snoozed', reason: 'migration', for: '4h' };
  expect(await said('/drills/ledger/acknowledge', snooze)).toBe('/drills/ledger?said=snoozed');
  expect(wordsOf(await textOf(dashboard, '/drills/ledger'))).toContain(
    'Snoozed by local user (web) until 21 Nov 2026, 16:00 UTC: migration',
  );
  expect(await said('/drills/ledger/acknowledge', form)).toBe('/drills/ledger?said=fine');
  for (const wrong of [
    { reason: ' ' },
    { reason: 'x'.repeat(301) },
    { kind: 'x' },
    { for: '' },
    { for: '900d' },
    { for: 'x' },
  ])
    expect(await said('/drills/ledger/acknowledge', { ...snooze, ...wrong })).toBe(400);
  expect(await said('/drills/nothing/acknowledge', snooze)).toBe(404);
});

it('two runs are shown side by side, by default with the last pass', async () => {
  const dashboard = await new FakeDashboard().fill();
  const run = await textOf(dashboard, '/runs/20261121-050000-billin');
  expect(run).toContain('href="/runs/20261121-050000-billin/compare">Compare with the last pass</a>');
  const page = wordsOf(await textOf(dashboard, '/runs/20261121-050000-billin/compare'));
  expect(page).toMatch(
    /Compare runs Before ✔ passed 20261120-050000-billin billing, 20 Nov 2026, \S+ UTC After ✖ failed 20261121-050000-billin billing/,
  );
  expect(page).toMatch(/result passed failed changed/);
  const other = '/runs/20261121-050000-billin/compare?with=20261121-070000-ledger';
  expect(wordsOf(await textOf(dashboard, other))).toMatch(/Before ✖ failed \S+ billing.* After ! passed \S+ ledger/);
  expect((await dashboard.ask('/runs/20261121-050000-billin/compare?with=nope')).status).toBe(404);
});

it('runs are filtered by result, drill, owner, tier, trigger and day, and keep the filter on the next page', async () => {
  const dashboard = await new FakeDashboard().fill();
  const drillsIn = async (query: string) => {
    const page = await textOf(dashboard, `/runs?${query}`);
    return [...new Set([...page.matchAll(/<a href="\/runs\/[\w-]+"><strong>(\w+)</g)].map(([, name]) => name))].sort();
  };
  expect(await drillsIn('result=failed&from=2026-11-21')).toEqual(['billing', 'orders']);
  expect(await drillsIn('result=failed&owner=payments&tier=1')).toEqual(['billing', 'orders']);
  expect(await drillsIn('owner=nobody')).toEqual([]);
  expect(await drillsIn('drill=shop&tier=&owner=')).toEqual(['shop']);
  expect(await drillsIn('tier=9')).toEqual([]);
  expect(await drillsIn('to=2020-01-01')).toEqual([]);
  await record(dashboard.store, [runAt('archive', 24 * 200, 2, { id: 'long-ago', verdict: 'failed' })]);
  const day = new Date(dashboard.now.getTime() - 195 * 86_400_000).toISOString().slice(0, 10);
  expect(await textOf(dashboard, `/runs?result=failed&to=${day}`)).toContain('long-ago');
  expect((await dashboard.ask('/runs?from=2026-02-02&to=2026-02-01')).status).toBe(400);
  const page = await textOf(dashboard, '/runs?trigger=hand&result=passed');
  expect(page).toMatch(/href="\/runs\?result=passed&amp;trigger=hand&amp;after=[^"]+">Older runs/);
  expect(page).toContain('<a href="/runs?result=passed&amp;trigger=hand" aria-current="true">passed</a>');
  expect(page).toContain('<input type="hidden" name="result" value="passed">');
  expect(page).toMatch(/<span class="count">25 of 80 runs/);
  expect(page).toContain('href="/runs.csv?result=passed&amp;trigger=hand"');
  for (const wrong of ['resutl=failed', 'result=red', 'from=yesterday', 'tier=x', 'limit=3x'])
    expect([wrong, (await dashboard.ask(`/runs?${wrong}`)).status]).toEqual([wrong, 400]);
  expect((await dashboard.ask('/runs.csv?drlil=x')).status).toBe(400);
});

it('runs of all drills are listed, and exported as CSV', async () => {
  const dashboard = await new FakeDashboard().fill();
  expect(wordsOf(await textOf(dashboard, '/runs'))).toContain(
    'ledger 20261121-070000-ledger ! passed recovery took 12 min, 82 % of the target 11 min RTO 15 min 48.1 GB 21 Nov 2026, 07:00 UTC by hand (alice)',
  );
  const csv = await textOf(dashboard, '/runs.csv?drill=billing');
  const [head = '', first = '', ...rest] = csv.split('\r\n');
  expect(head).toContain('run,drill,owner,tier,result,reasons,started_at,ended_at,triggered_by,trigger,due_at,attempt');
  expect(first).toContain(
    '20261121-050000-billin,billing,payments,1,failed,wrong-data,2026-11-21 05:00:00 UTC,2026-11-21 05:04:12 UTC,by hand (alice),',
  );
  expect(first).toContain(',240000,32400000,4800,2400,0,16800,168000,48000,12000,1,1,');
  expect(first).toContain('"1 of 2 checks failed: every order has its payment: expected no row, got 3 rows"');
  expect(rest).toHaveLength(21);
});

it('a page is small, and compressed on the wire; assets are cached for good', async () => {
  const dashboard = await new FakeDashboard().fill();
  const page = await textOf(dashboard, '/');
  const urls = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, url = '']) => url);
  expect(urls).toHaveLength(3);
  let bytes = page.length;
  for (const url of urls) {
    const asset = await dashboard.ask(url);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    bytes += (await asset.text()).length;
  }
  expect(bytes).toBeLessThan(100_000);
  const packed = await dashboard.ask('/', { headers: { 'accept-encoding': 'gzip' } });
  expect(packed.headers.get('content-encoding')).toBe('gzip');
  expect((await packed.arrayBuffer()).byteLength).toBeLessThan(page.length / 2);
});

it('shared pages are rebuilt when drill states change, and after a minute at most', async () => {
  const dashboard = await new FakeDashboard().fill();
  const read = () => readStandings(dashboard.store, dashboard.drills, dashboard.now);
  let current = await read();
  const cached = new FakeDashboard({ standings: () => ({ ...current, broken: [] }) }, dashboard.store);
  const [overview, drill] = [await textOf(cached, '/'), await textOf(cached, '/drills/shop')];
  await record(dashboard.store, [runAt('shop', 0.01, 3, { id: 'run-new' })]);
  expect(await textOf(cached, '/')).toBe(overview);
  expect(wordsOf(await textOf(cached, '/drills/shop'))).toBe(wordsOf(drill));
  current = await read();
  expect(await textOf(cached, '/')).not.toBe(overview);
  expect(await textOf(cached, '/drills/shop')).toContain('run-new');
  const shown = await textOf(cached, '/');
  cached.now = new Date(cached.now.getTime() + 3_600_000);
  expect(await textOf(cached, '/')).not.toBe(shown);
});

it('planned work is silenced for many drills by operators, shown on their pages, and ended', async () => {
  const dashboard = await new FakeDashboard().fill();
  const form = await dashboard.formOf('/silences');
  const post = async (path: string, fields: Record<string, string>) => {
    const answer = await dashboard.post(path, { form, ...fields });
    return answer.headers.get('location') ?? answer.status;
  };
  const work = { owner: 'finance', from: '', for: '3h', reason: 'storage migration', pause: 'yes' };
  expect(await post('/silences', work)).toBe('/silences?said=silenced');
  expect(await post('/silences', { ...work, from: '2026-11-22T11:00', owner: '', drills: 'orders, ledger' })).toBe(
    '/silences?said=silenced',
  );
  const words = wordsOf(await textOf(dashboard, '/silences'));
  expect(words).toContain('owner finance 2 drills active');
  expect(words).toContain('ledger 2 drills planned');
  const ledger = wordsOf(await textOf(dashboard, '/drills/ledger'));
  expect(ledger).toContain('Silenced and paused until 21 Nov 2026, 15:00 UTC by local user (web): storage migration');
  expect(ledger).toContain('no alerts and no scheduled runs from 22 Nov 2026, 11:00 UTC for 3 h');
  const [, id = ''] = /\/silences\/([0-9a-f]{8})\/end/.exec(await textOf(dashboard, '/drills/ledger')) ?? [];
  expect(await post(`/silences/${id}/end`, {})).toBe('/silences?said=unsilenced');
  expect(await post(`/silences/${id}/end`, {})).toBe('/silences?said=over');
  expect(wordsOf(await textOf(dashboard, '/drills/ledger'))).not.toContain('Silenced and paused');
  for (const wrong of [{ owner: '' }, { reason: '' }, { for: 'x' }, { drills: 'nothing' }])
    expect(await post('/silences', { ...work, ...wrong })).toBe(400);
});

it.each([
  { tier: '1', label: 'service:shop' },
  { all: 'yes', label: 'service:shop' },
  { tier: '1', label: 'Service=shop' },
  { tier: '1', drills: ' , ' },
  { owner: 'finance', all: 'yes' },
  { tier: '0x1' },
  { tier: '1e0' },
  { tier: 'abc' },
])('a silence with %j is refused, not made wider', async (fields) => {
  const dashboard = await new FakeDashboard().fill();
  const form = await dashboard.formOf('/silences');
  const answer = await dashboard.post('/silences', { form, for: '4h', reason: 'storage migration', ...fields });
  const words = await answer.text();
  expect([answer.status, words.includes('NaN')]).toEqual([400, false]);
  expect(words).toMatch(/Enter a|Enter drill names|Choose some drills/);
  expect(wordsOf(await textOf(dashboard, '/silences'))).not.toContain('storage migration active');
});

it.each([
  ['', '90 days'],
  ['?range=7d', '7 days'],
  ['?range=365d', '365 days'],
])('the trend of a drill%s looks back %s', async (query, words) => {
  const dashboard = await new FakeDashboard().fill();
  const page = await textOf(dashboard, `/drills/orders${query}`);
  expect(page).toMatch(new RegExp(`aria-current="true">${words}</a>`));
  const points = JSON.parse(/data-points="([^"]+)"/.exec(page)?.[1]?.replaceAll('&quot;', '"') ?? '[]') as string[][];
  expect(points).toHaveLength(words === '7 days' ? 7 : 21);
  expect(points.at(-1)).toEqual([
    '20261121-040000-orders',
    '21 Nov 2026, 04:00 UTC',
    'failed',
    '21 min (RTO 15 min)',
    expect.stringContaining('restore 14 min 42 s') as string,
    'backup 48.1 GB',
  ]);
});

it('a range that does not exist is refused', async () => {
  const dashboard = await new FakeDashboard().fill();
  expect((await dashboard.ask('/drills/orders?range=12d')).status).toBe(400);
});

it.each([
  '/report?period=x',
  '/report?month=2026-13',
  '/report?tier=x',
  '/report?peroid=7d',
  '/report/report.html?peroid=7d',
  '/report/report.html?month=10',
  '/drills/orders?after=x',
  '/drills/orders?rnage=7d',
  '/silences?x=1',
  '/coverage?x=1',
  '/owners/finance?x=1',
  '/runs?after=x',
  '/runs.csv?after=x',
  '/runs/20261121-040000-orders?x=1',
  '/runs/20261121-040000-orders/compare?wiht=x',
  '/api/v1/drills?x=1',
  '/api/v1/drills/orders?x=1',
  '/api/v1/silences?x=1',
  '/api/v1/running?x=1',
  '/api/v1/runs/20261121-040000-orders?x=1',
  '/api/v1/runs/20261121-040000-orders/log?x=1',
])('%s has an unknown parameter or an invalid value, and is refused', async (path) => {
  const dashboard = await new FakeDashboard().fill();
  expect((await dashboard.ask(path)).status).toBe(400);
});

it('parameters added by our own scripts, redirects and links are accepted', async () => {
  const dashboard = await new FakeDashboard().fill();
  const paths = [
    '/?part=drills&said=queued',
    '/drills/orders?said=queued',
    '/drills/orders?part=drill&range=7d',
    '/silences?said=silenced',
    '/runs/20261121-040000-orders?said=stopping&part=run',
  ];
  for (const path of paths) expect([path, (await dashboard.ask(path)).status]).toEqual([path, 200]);
});

it('an owner has a page with what needs attention, attainment and their drills only', async () => {
  const dashboard = await new FakeDashboard().fill();
  const page = await textOf(dashboard, '/owners/finance');
  const words = wordsOf(page);
  expect(words).toContain('Proven recoverable 1 of 2 Need attention 1 Runs meeting objectives 98 % (41 of 42)');
  expect(words).toContain('Needs attention billing ✖ failed 1 of 2 checks failed');
  expect(page).toContain('href="/drills/ledger"');
  expect(page).not.toContain('href="/drills/orders"');
  expect(await textOf(dashboard, '/drills/billing')).toContain('href="/owners/finance"');
  expect(await textOf(dashboard, '/?owner=finance')).toContain('href="/owners/finance"');
  expect((await dashboard.ask('/owners/nobody')).status).toBe(404);
});
