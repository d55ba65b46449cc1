import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nameStage, STAGES } from '../../src/support/vocabulary.ts';
import { openBrowser } from '../dashboard/browser.ts';
import { pdfText } from '../support/pdf-text.ts';
import { STEP_TIMEOUT_MS } from '../support/timeouts.ts';
import { addShopDrill, CUSTOMERS, holdShop, writeShop } from './pages-workspace.ts';
import { type Serve, useServeWorkspace } from './serve-workspace.ts';

/** What users see and do in a browser, with nothing simulated: `firedrill serve` as a process, real drills, a real server in each. */

const isMissing = !existsSync('/usr/bin/chromium');
if (isMissing && process.env['CI'] === 'true') throw new Error('/usr/bin/chromium is not installed: see .ci/provision');
if (isMissing) console.warn('SKIPPED: real drills in a browser: /usr/bin/chromium is not installed');

const STAGE_NAMES = new Set(STAGES.map(nameStage));

describe.skipIf(isMissing)('in a browser, with real drills, a user', () => {
  const here = useServeWorkspace();
  let browser: Browser;
  let context: BrowserContext;
  const complaints: string[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });

  /** A page without a signed-in user; any error on it fails the test. Closed before the process that serves it. */
  async function openPage(): Promise<Page & AsyncDisposable> {
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(STEP_TIMEOUT_MS);
    const page = await context.newPage();
    listen(page);
    return Object.assign(page, { [Symbol.asyncDispose]: () => context.close() });
  }

  function listen(page: Page): void {
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(`${page.url()}: ${message.text()}`);
    });
  }

  async function addToken(name: string, role: 'viewer' | 'operator'): Promise<string> {
    const { code, stdout } = await here().cli('token', 'add', name, '--role', role).ended;
    expect(code).toBe(0);
    return stdout.trim();
  }

  async function signIn(page: Page, url: string, token: string): Promise<void> {
    await page.goto(url);
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  /** Starts the scheduler, and signs an operator in on the page of a drill. */
  async function serveDrill(page: Page, drill: string): Promise<Serve> {
    const [serve, token] = await Promise.all([here().serve(), addToken('alice', 'operator')]);
    await signIn(page, `${serve.url}/drills/${drill}`, token);
    await page.getByRole('heading', { level: 1, name: drill }).waitFor();
    return serve;
  }

  /** Presses the button, and opens the page of the run that it started. */
  async function runNow(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Run now' }).click();
    await page.getByRole('status').getByText('Queued.').waitFor();
    await page
      .locator('.card')
      .getByRole('link', { name: /^\d{8}-/ })
      .press('Enter'); // the card grows while the run continues
    await page.waitForURL('**/runs/*');
  }

  const stage = (page: Page, name: RegExp): Locator => page.getByRole('row', { name });
  /** Buttons with text; those of the colour switch are symbols. */
  const buttonsOf = async (page: Page) =>
    (await page.getByRole('button').allTextContents()).filter((text) => text !== '');
  const stateOf = (page: Page): Locator => page.locator('.head .badge');

  it('is refused with a wrong token, can only read as a viewer, and can start runs as an operator', async () => {
    const { put } = here();
    const drill = await put('orders', { schedule: '0 3 1 1 *', isMissing: true });
    const [serve, viewer] = await Promise.all([here().serve(), addToken('bob', 'viewer')]);
    const operator = await addToken('alice', 'operator');
    await using page = await openPage();
    const path = `${serve.url}/drills/${drill}`;

    await signIn(page, path, `${viewer.slice(0, -1)}${viewer.endsWith('A') ? 'B' : 'A'}`);
    expect(await page.getByRole('alert').textContent()).toBe('Unknown or revoked token.');
    await page.goto(path);
    expect(new URL(page.url()).pathname).toBe('/signin');

    await signIn(page, path, viewer);
    await page.getByRole('heading', { level: 1, name: drill }).waitFor();
    await page.waitForLoadState();
    expect(await buttonsOf(page)).toEqual(['Sign out']);
    complaints.length = 0; // the refusal of the wrong token
    await page.evaluate(`{
      const form = document.querySelector('form[action="/signout"]');
      form.action = ${JSON.stringify(`/drills/${drill}/run`)};
      form.requestSubmit();
    }`);
    await page.getByText('a viewer may only read, not run, cancel or keep').waitFor();
    expect(complaints.splice(0)).toEqual([expect.stringContaining('403')]);
    await page.goto(path);
    await page.getByRole('button', { name: 'Sign out' }).click();

    await signIn(page, path, operator);
    await page.getByRole('button', { name: 'Run now' }).waitFor();
    // another site, in the browser of a user who is signed in here
    await context.route('http://127.0.0.1:8099/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${path}/run"><button>Win</button></form>`,
      }),
    );
    const other = await context.newPage();
    await other.goto('http://127.0.0.1:8099/');
    await other.getByRole('button', { name: 'Win' }).click();
    await other.getByText('the request came from another site').waitFor();
    await other.close();
    expect(await here().runs()).toEqual([]);

    await page.getByRole('button', { name: 'Run now' }).click();
    await page.getByRole('row', { name: /failed .*no backup matches missing-/ }).waitFor();
    expect((await here().runs()).map(({ triggeredBy }) => triggeredBy)).toEqual(['by hand (alice, web)']);
  });

  it('watches a run go from the queue to its verdict, and the overview turn green', async () => {
    await using shop = await holdShop(here().directory);
    await addShopDrill(here(), 'shop', shop.source);
    await using page = await openPage();
    const serve = await serveDrill(page, 'shop');
    const overview = await context.newPage();
    listen(overview);
    await overview.goto(serve.url);
    expect(await overview.title()).toBe('✖ Overview · Firedrill');
    await runNow(page);
    await page.evaluate('window.isTheSame = true');

    await stage(page, /^locate running/).waitFor();
    await overview.locator('#now').getByText('locate, stage 1 of 7').waitFor();
    shop.list();
    await stage(page, /^restore running/).waitFor();
    await stage(page, /^locate ok/).waitFor();
    await stage(page, /^provision .*\bok/).waitFor();
    await page.getByText(/2\.10 MB of 3\.\d+ MB/).waitFor();
    await overview
      .locator('#now')
      .getByText(/restore, stage 5 of 7.*2\.10 MB of 3\.\d+ MB/)
      .waitFor();
    expect(await overview.title()).toBe('✖ Overview · Firedrill');
    shop.giveAll();
    await stage(page, /^verify /).waitFor();
    await stateOf(page).getByText('passed').waitFor();
    await stage(page, /^teardown ok/).waitFor();
    const headers = await page.getByRole('row').getByRole('rowheader').allTextContents();
    expect(headers.filter((text) => STAGE_NAMES.has(text))).toHaveLength(STAGE_NAMES.size);
    await page.getByText(/^Recovered in \d.* \(RTO 30 min\)/).waitFor();
    await page.getByText(/^confirmed$/).waitFor();
    await page.locator('link[rel=icon][href*="/assets/green-"]').waitFor({ state: 'attached' });
    expect(await page.title()).toMatch(/^✔ shop \d{8}-.* · Firedrill$/);
    expect(await page.evaluate('window.isTheSame')).toBe(true);

    await overview.locator('link[rel=icon][href*="/assets/green-"]').waitFor({ state: 'attached' });
    expect(await overview.title()).toBe('✔ Overview · Firedrill');
    await overview.getByRole('heading', { level: 1, name: '1 of 1 database proven recoverable' }).waitFor();
  });

  it('cancels a run whose check never ends: it is shown as interrupted and leaves nothing behind', async () => {
    const workspace = here();
    const drill = await workspace.put('orders', { schedule: '0 3 1 1 *', heldIn: 'verify' });
    await using page = await openPage();
    await serveDrill(page, drill);
    await runNow(page);
    await stage(page, /^verify running/).waitFor();
    await page.getByRole('cell', { name: 'passed' }).waitFor(); // the other check has finished
    expect(await workspace.leftovers()).not.toEqual([]);
    await page.getByRole('link', { name: 'Cancel run' }).click();
    await page.getByRole('button', { name: 'Cancel run' }).click();
    await page.getByRole('status').getByText('Canceling; removing the sandbox.').waitFor();
    await stateOf(page).getByText('interrupted').waitFor();
    await page.getByText('canceled by alice (web)').first().waitFor();
    await stage(page, /^verify interrupted/).waitFor();
    await page.getByText(/^confirmed$/).waitFor();
    expect(await buttonsOf(page)).toEqual(['Sign out', 'Copy', 'Run again']);
    expect(await workspace.leftovers()).toEqual([]);
    expect(await workspace.runs()).toMatchObject([{ status: 'interrupted', error: { code: 'stopped' } }]);
  });

  it('keeps the sandbox, is shown how to connect, connects, and removes it', async () => {
    const workspace = here();
    await using shop = await holdShop(workspace.directory);
    await addShopDrill(workspace, 'shop', shop.source);
    await using page = await openPage();
    await serveDrill(page, 'shop');
    await runNow(page);
    await page.getByLabel('Keep the sandbox after the run for').selectOption('10 minutes');
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    await page.getByText('The sandbox is kept for 10 min after the run.').waitFor();
    shop.list();
    shop.giveAll();
    await page.getByRole('heading', { name: /^The sandbox is up until / }).waitFor();
    const command = await page.locator('.commands code').first().textContent();
    const answer = await promisify(execFile)('sh', ['-c', `${command} -Atc 'select count(*) from customer'`]);
    expect(answer.stdout.trim()).toBe(String(CUSTOMERS));
    await page.getByText(/^It is removed in (9|10) min\.$/).waitFor();
    await page.getByRole('button', { name: 'Remove the sandbox' }).click();
    await page.getByRole('status').getByText('Its sandbox is being removed.').waitFor();
    await page.getByRole('heading', { name: /^The sandbox is up until / }).waitFor({ state: 'detached' });
    await stateOf(page).getByText('passed').waitFor();
    expect(await workspace.leftovers()).toEqual([]);
  });

  it('reads why a drill fails and what to do, opens its report, and prints it', async () => {
    const workspace = here();
    const { directory } = workspace;
    await writeFile(join(directory, 'backups', 'shop.sql'), await writeShop(directory, { withoutPayments: true }));
    await addShopDrill(workspace, 'shop', '../backups');
    await using page = await openPage();
    await serveDrill(page, 'shop');
    await runNow(page);
    await stateOf(page).getByText('failed').waitFor();
    await page.getByRole('link', { name: 'Overview' }).first().click();

    const why = `every order has its payment: expected 0, got ${CUSTOMERS * 4}`;
    const row = page.getByRole('row', { name: /^shop/ });
    await row.getByText(why).waitFor();
    await page.waitForLoadState();
    expect(await page.title()).toBe('✖ Overview · Firedrill');
    await row.getByRole('link', { name: 'shop', exact: true }).click();
    await page.locator('.lead').getByText(why).waitFor();
    await page
      .getByRole('row', { name: /^\d{8}-.* failed / })
      .getByRole('link')
      .first()
      .click();
    await page.locator('.lead').getByText(why).waitFor();
    await page.locator('.why dt').getByText('Next', { exact: true }).waitFor();
    const check = page.getByRole('row', { name: /^every order has its payment/ });
    await page.waitForLoadState();
    expect((await check.getByRole('cell').allTextContents()).slice(0, 3)).toEqual([
      '✖ failed',
      '0',
      String(CUSTOMERS * 4),
    ]);
    await page.getByText('At least one check failed.').waitFor();
    await page.getByRole('link', { name: 'The whole page' }).click();
    await page.waitForURL('**/runbooks/wrong-data');
    await page.getByRole('heading', { level: 1, name: 'Wrong data' }).waitFor();
    await page.getByRole('heading', { level: 2, name: 'wrong-data' }).waitFor();

    await page.getByRole('link', { name: 'Report' }).click();
    await page.getByRole('combobox', { name: 'Period' }).selectOption('7 days');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL(/period=7d/);
    const sentence = /^(Not proven)?0 of 1 databases? proven recoverable; /;
    await page.locator('.r-verdict').getByText(sentence).waitFor();
    const { code } = await workspace.cli('report', '--since', '7d', '--out', 'report.html').ended;
    expect(code).toBe(0);
    await page.goto(pathToFileURL(join(directory, 'report.html')).href);
    const lead = (await page.locator('.r-verdict').textContent()) ?? '';
    const printed = pdfText(await page.pdf({ format: 'A4' }));
    expect(withoutSpace(printed)).toContain(withoutSpace(lead));
    expect(withoutSpace(printed)).toContain(withoutSpace(why));
  });
});

function withoutSpace(text: string): string {
  return text.replaceAll(/\s+/g, '');
}
