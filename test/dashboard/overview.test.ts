import { describe, expect, it } from 'vitest';
import { attentionStrip } from '../../src/dashboard/overview/attention.ts';
import { overviewDrills } from '../../src/dashboard/overview/overview-drill.ts';
import { readStandings } from '../../src/status/read-standings.ts';
import { discoveryOf, seriesFinding } from '../support/discoveries.ts';
import { NOON } from '../support/run-records.ts';
import { FakeDashboard } from './fake-dashboard.ts';
import { DRILLS, drillOf, LIVE, record, runAt } from './fake-drills.ts';

async function textOf(dashboard: FakeDashboard, path: string): Promise<string> {
  const answer = await dashboard.ask(path);
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.text();
}

const rowsOf = (page: string) =>
  [...page.matchAll(/<th scope="row"[^>]*><a href="\/drills\/([\w-]+)"/g)].map(([, name]) => name);

/** Text of the attention strip, with the target of each item. */
const attentionOf = (page: string) =>
  [...page.matchAll(/<a class="(?:bad|warn)" href="([^"]+)"[^>]*><strong>(\d+)<\/strong> ([^<]+)<\/a>/g)].map(
    ([, href, count, label]) => `${count} ${label} ${href}`,
  );

const NEVER = {
  state: 'never',
  sentence: 'never proven with the recovery key',
  provenAt: undefined,
  runId: undefined,
} as const;

function progressing(drill: string) {
  const unknown = { ...LIVE, stage: undefined, progress: undefined, kept: undefined, keepMs: undefined };
  return { runId: drill, drill, startedAt: NOON, triggeredBy: 'schedule', stages: [], checks: [], ...unknown };
}

async function labelled(): Promise<FakeDashboard> {
  const dashboard = await new FakeDashboard().fill();
  dashboard.drills = DRILLS.map((drill) =>
    drill.name === 'shop' || drill.name === 'crm' ? { ...drill, labels: { service: 'web', region: 'eu-west' } } : drill,
  );
  return dashboard;
}

describe('the list of drills', () => {
  it.each([
    ['q=ORD', ['orders']],
    ['q=finance', ['billing', 'ledger']],
    ['q=finance+led', ['ledger']],
    ['q=eu-west&sort=name', ['crm', 'shop']],
    ['service=web&sort=-name', ['shop', 'crm']],
    ['label=region%3Deu-west&tier=2&sort=name', ['crm', 'shop']],
    ['label=region%3Dus', []],
    ['needs=failing', ['billing', 'orders']],
    ['needs=never&sort=name', ['archive', 'crm', 'search']],
    ['sort=-recovery', ['orders', 'ledger', 'billing', 'shop', 'crm', 'archive', 'search']],
  ])('requested with %s has %j', async (query, names) => {
    expect(rowsOf(await textOf(await labelled(), `/?${query}`))).toEqual(names);
  });

  it('is refused when the address is invalid, so that it is not mistaken for the answer', async () => {
    const dashboard = await new FakeDashboard().fill();
    for (const query of ['statee=failed', 'state=red', 'tier=x', 'sort=size', 'group=color', 'needs=love', 'label=x'])
      expect([query, (await dashboard.ask(`/?${query}`)).status]).toEqual([query, 400]);
    expect((await dashboard.ask('/?tier=&owner=&q=&state=')).status).toBe(200);
  });

  it('is grouped with counts, drills without a group last', async () => {
    const page = await textOf(await labelled(), '/?group=service');
    const groups = [...page.matchAll(/<summary><strong>([^<]+)<\/strong> <span class="sub">([^<]+)</g)];
    expect(groups.map(([, name, counts]) => `${name}: ${counts}`)).toEqual([
      'web: 2 drills, 1 needs attention',
      'no service: 5 drills, 4 need attention',
    ]);
    expect(await textOf(await labelled(), '/?group=tier&tier=2')).toContain('<strong>tier 2</strong>');
  });

  it('says how it is sorted, and keeps the filters in the links that sort it', async () => {
    const page = await textOf(await labelled(), '/?tier=2&sort=name');
    expect(page).toContain('aria-sort="ascending"><a href="/?tier=2&amp;sort=-name">Drill</a>');
    expect(page).toContain('<a href="/?tier=2&amp;sort=recovery">Recovery</a>');
    expect(await textOf(await labelled(), '/?sort=-name')).toContain('aria-sort="descending"><a href="/">Drill</a>');
  });

  it('counts a drill as proven while it runs again', async () => {
    const dashboard = new FakeDashboard();
    dashboard.drills = [drillOf('shop')];
    await record(dashboard.store, [
      runAt('shop', 24, 2),
      runAt('shop', 0, 1, { id: 'run-now', status: 'running', verdict: undefined, stages: [], checks: [] }),
    ]);
    expect(await textOf(dashboard, '/')).toContain('<h1>1 of 1 database proven recoverable</h1>');
  });
});

describe('what needs attention', () => {
  it('is a strip of links to the drills that it is about', async () => {
    const dashboard = await labelled();
    expect(attentionOf(await textOf(dashboard, '/'))).toEqual([
      '2 failing /?needs=failing',
      '1 without a result /?needs=errored',
      '3 never proven /?needs=never',
    ]);
    expect(attentionOf(await textOf(dashboard, '/?needs=failing&tier=1'))[0]).toBe('2 failing /?tier=1');
  });

  it('includes forecasts, recovery keys, runs that are late or slow, and what no drill covers', async () => {
    const { store, drills, now } = await new FakeDashboard().fill();
    const standings = (await readStandings(store, drills, now)).drills.map((one) =>
      one.drill.name === 'shop' ? { ...one, isOverdue: true, recovery: NEVER } : one,
    );
    const breach = { at: new Date('2027-02-12T00:00:00Z'), sentence: 'will take longer than its RTO' };
    const slow = { ...progressing('ledger'), startedAt: new Date(now.getTime() - 16 * 60_000) };
    const facts = {
      running: [slow, progressing('billing')],
      outlookOf: (drill: string) => ({ tallies: [], breach: drill === 'shop' ? breach : undefined }),
      nextRunOf: () => undefined,
    };
    const discovery = discoveryOf([seriesFinding({}), seriesFinding({ match: 'x', state: 'covered' })]);
    const strip = attentionStrip(overviewDrills(standings, facts, now), { discovery, broken: [] }, {});
    expect(attentionOf(strip.toString())).toEqual([
      '2 failing /?needs=failing',
      '1 without a result /?needs=errored',
      '3 never proven /?needs=never',
      '1 forecast to exceed RTO /?needs=breach',
      '1 not proven with recovery key /?needs=recovery-key',
      '2 running late /?needs=late',
      '1 not covered /coverage',
    ]);
  });

  it('is empty when all is well, and says so', async () => {
    const dashboard = new FakeDashboard();
    dashboard.drills = [drillOf('shop')];
    await record(dashboard.store, [runAt('shop', 6, 2)]);
    expect(await textOf(dashboard, '/')).toContain('Nothing needs attention.');
  });
});

it('lets an operator run a drill over the monthly budget once that is exceeded', async () => {
  const dashboard = await new FakeDashboard().fill();
  const form = await dashboard.formOf('/drills/orders');
  expect(await textOf(dashboard, '/drills/orders')).not.toContain('Run over budget');
  dashboard.budgetExceeded = 'budget of 8.00 USD for Nov 2026: 8.68 USD spent; 1 run skipped';
  expect(await textOf(dashboard, '/drills/orders')).toContain('Run over budget');
  await dashboard.post('/drills/orders/run', { form, overBudget: 'yes' });
  expect(dashboard.control.asked).toEqual(['run orders by local user, web, over budget']);
});

it('says that runs are skipped because of the monthly budget, on the page and in the API', async () => {
  const dashboard = await new FakeDashboard().fill();
  const sentence = 'budget of 8.00 USD for Nov 2026: 8.68 USD spent; 1 run skipped';
  expect(JSON.parse(await textOf(dashboard, '/api/v1/drills'))).toMatchObject({ budgetExceeded: null });
  dashboard.budgetExceeded = sentence;
  expect(await textOf(dashboard, '/')).toContain(`B${sentence.slice(1)}`);
  expect(JSON.parse(await textOf(dashboard, '/api/v1/drills'))).toMatchObject({ budgetExceeded: sentence });
});
