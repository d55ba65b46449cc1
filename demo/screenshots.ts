import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../test/dashboard/browser.ts';
import { sampleName, writeSampleBackup } from './sample-backup.ts';

/**
 * `npm run screenshots`: runs real drills of made-up shops, several times each, and takes the README's screenshots of the pages of `firedrill serve` with
 * that history. `npm run screenshots -- --every DIR`: also each page, in both colour schemes, at phone and desktop size, for review. Leaves nothing else
 * behind.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const MINUTE_MS = 60_000;
const ROUNDS = 6;

/** The contents of a drill's backups, by round. */
interface Shop {
  readonly name: string;
  readonly about: string;
  readonly lines: readonly string[];
  readonly customers: (round: number) => number;
  /** The round from which on the backup job loses a table's rows. */
  readonly losesFrom?: number;
}

const WAREHOUSE: Shop = {
  name: 'warehouse',
  about: 'Stock and deliveries',
  lines: ['owner: logistics', 'tier: 2', 'objectives: { rto: 30s, rpo: 26h }', 'schedule: "30 3 * * *"'],
  customers: (round) => 10_000 + 4000 * round,
};

const SHOPS: readonly Shop[] = [
  {
    name: 'shop',
    about: 'The web shop, nightly pg_dump',
    lines: ['owner: shop', 'tier: 1', 'objectives: { rto: 15s, rpo: 26h }', 'schedule: "30 2 * * *"'],
    customers: (round) => 4000 + 1000 * round,
  },
  {
    name: 'billing',
    about: 'Invoices and payments',
    lines: ['owner: payments', 'tier: 1', 'objectives: { rto: 15s, rpo: 26h }', 'schedule: "0 3 * * *"'],
    customers: (round) => 2000 + 100 * round,
    losesFrom: 4,
  },
  WAREHOUSE,
  {
    name: 'search',
    about: 'What the search of the shop is made from; it has to be back at once',
    lines: ['owner: shop', 'tier: 2', 'objectives: { rto: 500ms, deadline: 1m, rpo: 26h }', 'schedule: "0 4 * * *"'],
    customers: () => 2000,
  },
];

/** The drill whose restore is in progress in the screenshots. */
const LIVE: Shop = { ...WAREHOUSE, customers: () => 90_000 };

/** A drill that has never run. */
const NEW: Shop = {
  name: 'archive',
  about: 'Orders of past years',
  lines: ['owner: shop', 'tier: 3', 'objectives: { rto: 4h }', 'schedule: "0 5 * * 0"'],
  customers: () => 100,
};

const { values } = parseArgs({ options: { every: { type: 'string' } } });
const home = await mkdtemp(join(tmpdir(), 'firedrill-shots-'));
try {
  await makeHistory();
  await using browser = await openBrowser();
  await using serve = await startServe();
  await takeForReadme(browser, serve.url);
  if (values.every !== undefined) await takeEvery(browser, serve.url, resolve(values.every));
} finally {
  await rm(home, { recursive: true });
}

/** Creates the backups of one round after the other, and drills each before the next. */
async function makeHistory(): Promise<void> {
  for (const name of ['drills', 'none', 'backups']) await mkdir(join(home, name));
  await writeFile(join(home, 'firedrill.yaml'), 'runtime: local\nserve: { listen: "127.0.0.1:0" }\n');
  const startMs = Date.now() - 6 * 60 * MINUTE_MS;
  for (let round = 0; round < ROUNDS; round += 1) {
    const takenAt = new Date(startMs + round * 20 * MINUTE_MS);
    for (const shop of SHOPS) await writeBackup(shop, round, takenAt);
    for (const shop of SHOPS) await writeDrill(shop, round);
    const names = SHOPS.map(({ name }) => name);
    await Promise.all([firedrill('run', ...names.slice(0, 2)), firedrill('run', ...names.slice(2))]);
  }
  await writeDrill(NEW, 0);
  await writeBackup(LIVE, 0, new Date(startMs + ROUNDS * 20 * MINUTE_MS));
}

async function writeBackup(shop: Shop, round: number, takenAt: Date): Promise<void> {
  const withoutPayments = round >= (shop.losesFrom ?? ROUNDS);
  const file = join(home, 'backups', sampleName(shop.name, takenAt));
  await writeSampleBackup(file, { takenAt, customers: shop.customers(round), withoutPayments });
}

async function writeDrill({ name, about, lines, customers }: Shop, round: number): Promise<void> {
  const text = [
    `name: ${name}`,
    `description: ${about}`,
    `backup: { source: ../backups, match: "${name}-*.sql.gz", takenAt: name }`,
    'engine: { type: postgres, database: shop }',
    ...lines,
    'checks:',
    '  - name: customers are all there',
    '    sql: select count(*) from customer',
    `    expect: { equals: ${customers(round)} }`,
    '  - name: every order has its payment',
    '    sql: select count(*) from orders o left join payment p on p.order_id = o.id where p.id is null',
    '    expect: { equals: 0 }',
    '  - name: newest order is recent enough',
    '    sql: select max(placed_at) from orders',
    '    expect: { newerThan: 1h }',
  ];
  await writeFile(join(home, 'drills', `${name}.yaml`), `${text.join('\n')}\n`);
}

function start(argv: readonly string[]) {
  const env = { ...process.env, TMPDIR: home, FIREDRILL_STORE: join(home, 'history.db'), USER: 'alice' };
  return spawn(process.execPath, [join(root, 'bin', 'firedrill.mjs'), ...argv], {
    cwd: home,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** @returns its output. Whether drills pass is not checked: some are made to fail. */
async function firedrill(...argv: string[]): Promise<string> {
  const child = start(argv);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  const text = Buffer.concat(chunks).toString();
  if (code !== 0 && code !== 1) throw new Error(`firedrill ${argv.join(' ')} ended with ${code}:\n${text}`);
  process.stdout.write(text);
  return text;
}

async function startServe(config?: string): Promise<AsyncDisposable & { readonly url: string }> {
  const child = start(['serve', ...(config === undefined ? [] : ['--config', config])]);
  const closed = once(child, 'close');
  const ready = Promise.withResolvers<string>();
  let url = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    url ||= /answers at (http:[\w.:/]+\d)/.exec(line)?.[1] ?? '';
    if (/\d scheduled/.test(line)) ready.resolve(url);
  });
  void closed.then(() => ready.reject(new Error('firedrill serve ended')));
  return {
    url: await ready.promise,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await closed;
    },
  };
}

async function takeForReadme(browser: Browser, url: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, reducedMotion: 'reduce' });
  await page.goto(`${url}/drills/billing`);
  await page
    .getByRole('rowheader')
    .getByRole('link', { name: /^\d{8}-/ })
    .first()
    .click();
  await takeBoth(page, 'run');
  await runLive(page, url);
  await takeBoth(page, 'overview');
}

async function takeBoth(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(root, 'docs', 'screenshots', `${name}-${colorScheme}.png`) });
  }
}

/** Waits until the overview shows the progress and rate of its restore. */
async function runLive(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/drills/${LIVE.name}`);
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.getByRole('status').first().waitFor();
  await page.goto(url);
  await page
    .locator('#now')
    .getByText(/restore, stage 5 of 7 .* MB of .* at .*\/s/)
    .waitFor();
}

async function takeEvery(browser: Browser, url: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const page = await browser.newPage({ reducedMotion: 'reduce' }); // colours must not be captured halfway to the other scheme
  const take = async (name: string, address: string) => {
    await page.goto(address);
    for (const width of [390, 768, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: join(directory, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      }
    }
  };
  const runOf = async (drill: string) => {
    await page.goto(`${url}/drills/${drill}`);
    const path = await page
      .getByRole('rowheader')
      .getByRole('link', { name: /^\d{8}-/ })
      .first()
      .getAttribute('href');
    return `${url}${path}`;
  };
  await take('overview', url);
  for (const drill of ['shop', 'billing', 'archive']) await take(`drill-${drill}`, `${url}/drills/${drill}`);
  for (const drill of ['shop', 'billing', 'search']) await take(`run-${drill}`, await runOf(drill));
  for (const name of [
    'runs',
    'owners/shop',
    'report',
    'coverage',
    'providers',
    'silences',
    'runbooks/wrong-data',
    'nope',
  ])
    await take(name.replace('/', '-'), `${url}/${name}`);
  await writeFile(join(home, 'none.yaml'), 'runtime: local\ndrills: none\nserve: { listen: "127.0.0.1:0" }\n');
  await using empty = await startServe('none.yaml');
  await take('empty', empty.url);
  await firedrill('token', 'add', 'alice');
  await page.goto(url);
  await take('sign-in', url);
}
