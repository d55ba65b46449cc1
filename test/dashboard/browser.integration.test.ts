import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isFullMatrix } from '../support/full-matrix.ts';
import { NOON, stageOf } from '../support/run-records.ts';
import { recordBadDay } from './bad-day.ts';
import { openBrowser } from './browser.ts';
import { FakeDashboard } from './fake-dashboard.ts';
import { LIVE, record, runAt, runGoingOn } from './fake-drills.ts';
import { recordFleet } from './fleet-records.ts';
import { servePages } from './serve-pages.ts';

const CLOSED = {
  loopback: 'sign-in',
  proxy: undefined,
  badges: { isPublic: false, keyHash: undefined },
  idleMs: 3_600_000,
  sessionMs: 86_400_000,
} as const;
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** Of what axe checks, only contrast depends on the colour scheme. */
const CONTRAST = ['color-contrast', 'link-in-text-block'];
/** These also depend on the width, which turns tables into cards, shows other charts and hides names; the markup is the same. */
const LAYOUT = [
  'target-size',
  'scrollable-region-focusable',
  'link-name',
  'button-name',
  'summary-name',
  'label',
  'select-name',
  'svg-img-alt',
  'td-headers-attr',
  'th-has-data-cells',
  'list',
  'aria-hidden-focus',
];
/** Each width and each scheme once: design-tokens.test.ts holds every pair of colours in both schemes to the same contrast. */
const PICKED_LOOKS = [
  [1440, 'light', 'all'],
  [360, 'dark', [...CONTRAST, ...LAYOUT]],
] as const;
const LOOKS = isFullMatrix
  ? ([
      [1440, 'light', 'all'],
      [1440, 'dark', CONTRAST],
      [360, 'dark', 'all'],
      [360, 'light', CONTRAST],
    ] as const)
  : PICKED_LOOKS;
const MINUTE_MS = 60_000;

const isMissing = !existsSync('/usr/bin/chromium');
if (isMissing && process.env['CI'] === 'true') throw new Error('/usr/bin/chromium is not installed: see .ci/provision');
if (isMissing) console.warn('SKIPPED: pages in a browser: /usr/bin/chromium is not installed');

describe.skipIf(isMissing)('pages in a browser', () => {
  let browser: Browser;
  const complaints: string[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });

  /** Closes after every page that follows it: a page that lost its server would report an error. */
  async function serve(dashboard: FakeDashboard): Promise<AsyncDisposable & { readonly url: string }> {
    const served = await servePages(dashboard);
    const close = async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
      await served[Symbol.asyncDispose]();
    };
    return { url: served.url, [Symbol.asyncDispose]: close };
  }

  /** A page on which any error, or violation of its policy, fails the test. */
  async function openPage(): Promise<Page> {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(`${page.url()}: ${message.text()}`);
    });
    return page;
  }

  const going = (runId: string, drill: string) =>
    ({
      ...LIVE,
      runId,
      drill,
      startedAt: new Date(NOON.getTime() - 4 * MINUTE_MS),
      triggeredBy: 'schedule',
      stages: [{ ...stageOf('locate', 2100), startedAt: new Date(NOON.getTime() - 4 * MINUTE_MS) }],
      stage: { name: 'restore', startedAt: new Date(NOON.getTime() - 3 * MINUTE_MS) },
      progress: {
        doing: 'loading customer',
        phase: 'load',
        covers: ['load'],
        bytesRead: 12.3e9,
        totalBytes: 48.1e9,
        bytesPerSecond: 2.1e8,
        ratio: 0.256,
        isStalled: false,
      },
      checks: [],
      kept: undefined,
      keepMs: undefined,
    }) as const;

  const withKept = (runId: string, drill: string) => ({
    ...going(runId, drill),
    stage: undefined,
    progress: undefined,
    kept: {
      until: new Date(NOON.getTime() + 23 * MINUTE_MS),
      shellCommand: 'docker exec -it 1a2b sh',
      clientCommand: `env PGPASSFILE=/tmp/${'long/'.repeat(30)}pgpass psql -h /tmp/run -d 'a b'`,
    },
  });

  async function busyDashboard(): Promise<FakeDashboard> {
    const dashboard = await new FakeDashboard({ access: CLOSED }).fill();
    await record(dashboard.store, [runGoingOn()]);
    await dashboard.store.addLog('20261121-050000-billin', [{ at: NOON, level: 'info', message: 'restoring' }]);
    dashboard.control.running = [going('run-crm', 'crm')];
    dashboard.control.waiting = [
      { drill: 'archive', since: NOON, triggeredBy: 'schedule', waitsFor: 'for memory: needs 2.15 GB, 1.07 GB free' },
    ];
    dashboard.broken = [
      {
        file: 'drills/hr.yaml',
        problem: 'drills/hr.yaml:12:9: checks[0].expect: must be a mapping',
        problemCount: 3,
        since: NOON,
        keeps: undefined,
      },
    ];
    return dashboard;
  }

  async function signIn(page: Page, url: string, token: string): Promise<void> {
    await page.goto(url);
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  it('meet WCAG 2.2 AA and scroll only vertically, in both colour schemes, on a phone and on a desktop', async () => {
    const dashboard = await busyDashboard();
    await recordBadDay(dashboard.store);
    await recordFleet(dashboard.store);
    const token = await dashboard.addToken('alice', 'operator');
    dashboard.control.running = [...dashboard.control.running, withKept('20261121-070000-ledger', 'ledger')];
    const empty = new FakeDashboard();
    empty.drills = [];
    await using served = await serve(dashboard);
    await using servedEmpty = await serve(empty);
    const page = await openPage();
    const look = async (url: string) => {
      await page.goto(url);
      await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
      const found: unknown[] = [];
      for (const [width, colorScheme, rules] of LOOKS) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        const beyondPx = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        if (beyondPx !== 0) found.push(`${width} px: ${beyondPx} px beyond the edge`);
        const axe = new AxeBuilder({ page }).setLegacyMode(true);
        const { violations } = await (rules === 'all' ? axe.withTags(WCAG) : axe.withRules([...rules])).analyze();
        found.push(
          ...violations.map(
            ({ id, nodes }) => `${width} px, ${colorScheme}: ${id}: ${nodes.map(({ target }) => target).join(' ')}`,
          ),
        );
      }
      expect([url.replace(/.*:\d+/, ''), found]).toEqual([url.replace(/.*:\d+/, ''), []]);
    };
    await look(`${servedEmpty.url}/`);
    await look(`${servedEmpty.url}/providers`);
    await look(`${served.url}/signin`);
    await signIn(page, served.url, token);
    for (const path of [
      '/',
      '/drills/orders',
      '/silences',
      '/owners/finance',
      '/runs/20261121-050000-billin',
      '/runs/20261121-050000-billin/compare',
      '/runs/run-crm',
      '/runs/20261121-070000-ledger',
      '/runs',
      '/coverage',
      '/providers',
      '/runners',
      '/?group=owner&sort=recovery',
      '/report',
      '/api',
      '/runbooks/missing-backup',
      '/nope',
    ]) {
      if (path === '/nope') complaints.length = 0;
      await look(`${served.url}${path}`);
    }
    expect(complaints.splice(0)).toEqual([expect.stringContaining('404')]);
  });

  it('work without JavaScript: sign in, be refused, read why a drill fails, filter, run, sign out', async () => {
    const dashboard = await new FakeDashboard({ access: CLOSED }).fill();
    const token = await dashboard.addToken('alice', 'operator');
    await using served = await serve(dashboard);
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    await signIn(page, `${served.url}/drills/billing`, 'fdr_wrong');
    expect(await page.getByRole('alert').textContent()).toBe('Unknown or revoked token.');
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/drills/billing');
    await page.getByRole('link', { name: '20261121-050000-billin' }).first().click();
    const says = (text: string): Promise<void> => page.getByRole('main').filter({ hasText: text }).waitFor();
    await says('1 of 2 checks failed: every order has its payment: expected no row, got 3 rows');
    await says('At least one check failed.');
    await page.getByRole('link', { name: 'billing' }).click();
    await page.getByRole('button', { name: 'Run now' }).click();
    await page
      .getByRole('status')
      .filter({ hasText: /^Queued\.$/ })
      .first()
      .waitFor();
    expect(dashboard.control.asked).toEqual(['run billing by alice, web']);
    await page.getByRole('link', { name: 'Overview' }).first().click();
    await page.getByLabel('State').selectOption('failed');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/state=failed/);
    expect(await page.getByRole('rowheader').count()).toBe(2);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto(served.url);
    expect(new URL(page.url()).pathname).toBe('/signin');
  });

  it('follow a run live from the queue to its end, with title, icon and screen reader text', async () => {
    const dashboard = await new FakeDashboard().fill();
    await using served = await serve(dashboard);
    const { control } = dashboard;
    const page = await openPage();
    await page.goto(served.url);
    await page
      .getByText('● live')
      .or(page.locator('#live', { hasText: 'live' }))
      .waitFor();
    control.waiting = [{ drill: 'crm', since: NOON, triggeredBy: 'by hand (alice)', waitsFor: undefined }];
    control.tell({ kind: 'waiting', drill: 'crm' });
    await page.locator('#now').getByText('queued').waitFor();
    await record(dashboard.store, [runAt('crm', 0, 1, { id: 'run-crm', status: 'running', stages: [], checks: [] })]);
    control.waiting = [];
    control.running = [going('run-crm', 'crm')];
    control.tell({ kind: 'started', drill: 'crm', runId: 'run-crm' });
    await page.locator('#now').getByText('12.3 GB of 48.1 GB at 210 MB/s').waitFor();
    await page.locator('#drills').getByText('running; its first run').waitFor();
    await page.locator('#announce', { hasText: /crm: restore, stage 5 of 7|1 running/ }).waitFor({ state: 'attached' });

    await page.locator('#now').getByRole('link', { name: 'run-crm' }).click();
    await page.getByRole('link', { name: 'Cancel run' }).waitFor();
    control.running = [
      {
        ...going('run-crm', 'crm'),
        stage: { name: 'verify', startedAt: NOON },
        progress: undefined,
        checks: [
          { name: 'customers are all there', passed: true, expected: 'at least 599', actual: '612', durationMs: 3 },
        ],
      },
    ];
    control.tell({ kind: 'check', drill: 'crm', runId: 'run-crm' });
    await page.getByRole('cell', { name: 'at least 599' }).waitFor();
    await page.locator('#announce', { hasText: 'crm: verify' }).waitFor({ state: 'attached' });
    control.running = [];
    await dashboard.store.finish(runAt('crm', 0, 1, { id: 'run-crm' }));
    control.tell({ kind: 'ended', drill: 'crm', runId: 'run-crm' });
    await page.getByText('Recovered in 1 min (RTO 15 min)').waitFor();
    await page.getByText('latest of 31').waitFor();
    await page.locator('link[rel=icon][href*="/assets/green-"]').waitFor({ state: 'attached' });
    expect(await page.title()).toBe('✔ crm run-crm · Firedrill');
    await page.getByRole('link', { name: 'Cancel run' }).waitFor({ state: 'detached' });
  });

  it('keep a closed group closed when the list is refreshed, and after a page load', async () => {
    const dashboard = await new FakeDashboard().fill();
    await using served = await serve(dashboard);
    const page = await openPage();
    await page.goto(`${served.url}/?group=owner`);
    await page.locator('#live', { hasText: 'live' }).waitFor();
    const group = page.locator('details.group', { hasText: 'finance' });
    const isOpen = () => group.evaluate((one) => one.hasAttribute('open'));
    await group.locator('summary').click();
    const before = await group.elementHandle();
    dashboard.control.tell({ kind: 'drills' });
    await before?.waitForElementState('hidden');
    expect(await isOpen()).toBe(false);
    await page.reload();
    expect(await isOpen()).toBe(false);
    expect(await page.locator('details.group[open]').count()).toBe((await page.locator('details.group').count()) - 1);
    await group.locator('summary').click();
    await page.reload();
    expect(await isOpen()).toBe(true);
  });

  it('follow the runs of an owner live, and no others', async () => {
    const dashboard = await new FakeDashboard().fill();
    await using served = await serve(dashboard);
    const { control } = dashboard;
    const page = await openPage();
    await page.goto(`${served.url}/owners/finance`);
    await page.locator('#live', { hasText: 'live' }).waitFor();
    control.running = [going('run-crm', 'crm'), going('run-ledger', 'ledger')];
    control.tell({ kind: 'started', drill: 'ledger', runId: 'run-ledger' });
    await page.locator('#now').getByRole('link', { name: 'run-ledger' }).waitFor();
    expect(await page.locator('#now').getByRole('link', { name: 'run-crm' }).count()).toBe(0);
    control.running = [];
    await record(dashboard.store, [runAt('ledger', 0, 1, { id: 'run-ledger' })]);
    control.tell({ kind: 'ended', drill: 'ledger', runId: 'run-ledger' });
    await page.locator('#drills').getByRole('link', { name: 'run-ledger' }).waitFor();
    await page.locator('#now').getByRole('link').first().waitFor({ state: 'detached' });
  });

  it('let operators cancel a run and keep a sandbox, and offer viewers neither', async () => {
    const dashboard = await busyDashboard();
    const [operator, viewer] = [
      await dashboard.addToken('alice', 'operator'),
      await dashboard.addToken('bob', 'viewer'),
    ];
    await using served = await serve(dashboard);
    const page = await openPage();
    await signIn(page, `${served.url}/runs/run-crm`, operator);
    const minutes = page.getByLabel('Keep the sandbox after the run for');
    await minutes.selectOption('30');
    // The selection survives a refresh of its part of the page.
    const before = await minutes.elementHandle();
    await page.locator('h1').click();
    dashboard.control.tell({ kind: 'stage', drill: 'crm', runId: 'run-crm' });
    await before?.waitForElementState('hidden'); // it has left the page
    expect(await minutes.inputValue()).toBe('30');
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    await page.getByText('The sandbox will be kept after the run.').waitFor();
    await page.getByRole('link', { name: 'Cancel run' }).click();
    await page.getByRole('button', { name: 'Cancel run' }).click();
    await page.getByText('Canceling; removing the sandbox.').waitFor();
    expect(dashboard.control.asked).toEqual(['keep run-crm for 1800000 by alice (web)', 'stop run-crm by alice (web)']);
    const other = await openPage();
    await signIn(other, `${served.url}/runs/run-crm`, viewer);
    await other.getByText('restore, stage 5 of 7').waitFor();
    await other.waitForLoadState();
    expect((await other.getByRole('button').allTextContents()).filter(Boolean)).toEqual(['Sign out', 'Copy']);
  });

  it('count down a kept sandbox each minute, and select a multi-line command with a click', async () => {
    const dashboard = await busyDashboard();
    const token = await dashboard.addToken('alice', 'operator');
    const live = withKept('20261121-050000-billin', 'billing');
    dashboard.control.running = [live];
    await using served = await serve(dashboard);
    const page = await openPage();
    await page.setViewportSize({ width: 360, height: 900 });
    await page.clock.install();
    await signIn(page, `${served.url}/runs/20261121-050000-billin`, token);
    await page.getByText('It is removed in 23 min.').waitFor();
    await page.locator('#live', { hasText: 'live' }).waitFor();
    await page.locator('.commands pre').first().click();
    expect(await page.evaluate('getSelection().toString().trim()')).toBe(live.kept.clientCommand);
    dashboard.now = new Date(NOON.getTime() + MINUTE_MS);
    await page.clock.fastForward(MINUTE_MS);
    await page.getByText('It is removed in 22 min.').waitFor();
  });

  it('work with the keyboard alone', async () => {
    const dashboard = await new FakeDashboard().fill();
    await using served = await serve(dashboard);
    const page = await openPage();
    await page.goto(served.url);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('2 failing');
    await page.getByRole('searchbox').focus();
    await page.keyboard.type('bill');
    await page.getByText('1 of 7 drills').waitFor();
    await page.waitForURL((url) => url.search === '?q=bill'); // `b` alone already leaves one drill
    for (let steps = 0; steps < 10; steps += 1) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate('document.activeElement.textContent')) === 'billing') break;
    }
    await page.keyboard.press('Enter');
    await page.waitForURL('**/drills/billing');
  });
});
