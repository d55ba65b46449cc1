import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadDrills } from '../../../src/config/load-drills.ts';
import { workspace } from '../../config/loading.ts';
import { type CliOptions, firedrill } from '../../support/cli.ts';

const ORDERS = [
  '--\n-- PostgreSQL database dump\n--\n',
  '-- Dumped from database version 18.1\n-- Dumped by pg_dump version 18.1\n',
  'CREATE TABLE public.orders (id integer PRIMARY KEY, placed_at timestamp with time zone);',
  'COPY public.orders (id, placed_at) FROM stdin;\n1\t2026-11-28 02:00:00+00\n2\t2026-11-28 02:05:00+00\n\\.\n',
  '--\n-- PostgreSQL database dump complete\n--\n',
].join('\n');
const SHOP = [
  '-- MariaDB dump 10.19  Distrib 11.8.3-MariaDB, for debian-linux-gnu (x86_64)\n--\n-- Host: localhost    Database: shop',
  '-- ------------------------------------------------------\n-- Server version\t11.8.3-MariaDB\n',
  'CREATE TABLE `customer` (`id` int NOT NULL);\n\n-- Dump completed on 2026-11-28  2:10:00\n',
].join('\n');
const FILES = {
  'backups/orders-2026-11-26T0200Z.sql': ORDERS,
  'backups/orders-2026-11-27T0200Z.sql': ORDERS,
  'backups/orders-2026-11-28T0200Z.sql': ORDERS,
};

/** Like {@link FILES}, but with the newest backup ten hours old, since a run compares its age with the RPO. */
function recentFiles(): Readonly<Record<string, string>> {
  const hourMs = 3_600_000;
  const entries = [58, 34, 10].map((hours) => {
    const at = new Date(Date.now() - hours * hourMs).toISOString();
    const rows = ORDERS.replaceAll(/2026-11-28 02:0\d:00/g, at.slice(0, 19).replace('T', ' '));
    return [`backups/orders-${at.slice(0, 16).replace(':', '')}Z.sql`, rows] as const;
  });
  return Object.fromEntries(entries);
}

const UNREADABLE = { 'backups/blog.xml': '<?xml version="1.0"?>\n<mysqldump>\n<database name="blog">\n' };
const BOTH = { ...FILES, 'backups/shop_20261128.sql': SHOP };

async function init(files: Readonly<Record<string, string>>, argv: readonly string[], options?: Partial<CliOptions>) {
  const cwd = await workspace(files);
  const result = await firedrill(['init', ...argv], { cwd, ...options });
  return { cwd, ...result };
}

async function written(cwd: string) {
  const [drill] = await loadDrills(['drills'], { cwd, env: {} });
  return drill;
}

describe('firedrill init', () => {
  it('proposes the drill from the newest backup when the location holds one readable series', async () => {
    const { cwd, code, stdout } = await init({ ...FILES, ...UNREADABLE }, [
      ...['--source', './backups', '--rto', '15m', '--runtime', 'local'],
    ]);
    expect(code).toBe(0);
    expect(await readdir(join(cwd, 'drills'))).toEqual(['drill.schema.json', 'orders.yaml']);
    expect(await written(cwd)).toMatchObject({
      name: 'orders',
      backup: { match: 'orders-*.sql', takenAt: 'name', source: { path: join(cwd, 'backups'), written: '../backups' } },
      engine: { type: 'postgres' },
      objectives: { rtoMs: 900_000, rpoMs: 26 * 3_600_000 },
      checks: [{ name: 'tables are there' }],
    });
    expect(stdout).toMatch(/^wrote drills\/orders\.yaml\n\ndrill {7}orders/);
    expect(stdout).toContain('selected    latest of 3');
    expect(stdout.split('Next:\n')[1]).toMatch(
      /^ {2}firedrill run drills\/orders\.yaml {2}# restore and verify it now$/m,
    );
  });

  it('prompts on a terminal, again after a wrong answer, and takes the rest from the selected backups', async () => {
    const answers = ['./backups', '2', '', '15 minutes', '15m', '-', 'new-backup', 'slack', 'n', 'customer'];
    const { cwd, stdout } = await init({ ...BOTH, ...UNREADABLE }, [], { typed: answers });
    expect(stdout).toMatch(/ {2}1 {2}orders-\*\.sql {2}3 backups {2}newest .* old {2}plain SQL dump$/m);
    expect(stdout).toMatch(/^ {2}2 {2}shop_\*\.sql {4}1 backup {3}newest /m);
    expect(stdout).toMatch(/^ {2}3 {2}blog\.xml .* which no client loads$/m);
    expect(stdout).toContain('Recovery must take at most (RTO) [15m]:   "15 minutes" is not a duration; write 15m\n');
    expect(await written(cwd)).toMatchObject({
      name: 'shop',
      engine: { type: 'mariadb' },
      objectives: { rpoMs: undefined },
      checks: [{}, { name: 'customer has rows' }],
      schedule: { onNewBackup: {} },
    });
    expect(await readFile(join(cwd, 'firedrill.yaml'), 'utf8')).toContain('SLACK_WEBHOOK_URL');
    expect(stdout).toContain('firedrill notify test');
  });

  it('asks for another location when the first holds no backups', async () => {
    const answers = ['./nowhere', 'n', './backups', '', '', '', '', '-', '', 'n', ''];
    const { stdout, stderr, code } = await init(FILES, [], { typed: answers });
    expect(stderr).toMatch(/^WARNING: \.\/nowhere: there is no directory /);
    expect(stdout).toContain('wrote drills/orders.yaml');
    expect(code).toBe(0);
  });

  it.each([
    ['several series and no --match', BOTH, [], './backups has 2 series of backups; --match must select one'],
    [
      'a pattern that selects nothing',
      BOTH,
      ['--match', 'crm*'],
      './backups: no backup that matches crm* was recognized',
    ],
    ['no backups', { 'backups/readme.txt': 'hello' }, [], './backups: no backups were recognized'],
    ['no directory', {}, [], './backups: there is no directory'],
  ])('writes nothing without a terminal and with %s', async (_, files, argv, message) => {
    const { cwd, code, stderr } = await init(files, ['--source', './backups', '--rto', '15m', ...argv]);
    expect(stderr).toContain(`usage: ${message}`);
    expect(stderr).toMatch(/^HINT: /m);
    expect([code, await readdir(cwd)]).toEqual([64, expect.not.arrayContaining(['drills'])]);
  });

  it('writes a drill for backups that do not exist yet, and says what a run would fail on', async () => {
    const argv = ['--source', './backups', '--match', 'crm*.dump', '--engine', 'mariadb', '--rto', '15m'];
    const { code, stdout, stderr } = await init({}, argv);
    expect([code, stdout]).toEqual([0, expect.stringContaining('wrote drills/crm.yaml')]);
    expect(stderr).toMatch(/^crm: source-missing: /m);
  });

  it.each([
    ['missing flags', ['--source', './backups'], 'there is no terminal to ask questions on; missing: --rto'],
    ['an invalid flag', ['--source', './b', '--rto', '15 minutes'], '--rto: "15 minutes" is not a duration; write 15m'],
    [
      'an unknown channel',
      ['--source', './b', '--channel', 'fax'],
      '--channel: must be slack, email, pagerduty, webhook or command',
    ],
    ['a name that leads out of the directory', ['--source', './b', '--name', '../x'], '--name: must be 1 to 63'],
    ['a schedule that never fires', ['--source', './b', '--schedule', '0 0 31 2 *'], '--schedule: '],
  ])('refuses %s', async (_, argv, message) => {
    const { cwd, code, stderr } = await init({}, argv);
    expect([code, stderr]).toEqual([64, expect.stringContaining(`usage: ${message}`)]);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('writes nothing when the prompts are canceled', async () => {
    const { cwd, code, stderr } = await init(FILES, [], { typed: ['./backups', ''] });
    expect([code, stderr]).toEqual([64, expect.stringContaining('init was canceled; nothing was written')]);
    expect(await readdir(cwd)).not.toContain('drills');
  });

  it('proposes another name when the first is taken', async () => {
    const argv = ['--source', './backups', '--rto', '15m'];
    const { cwd, code } = await init({ ...FILES, 'drills/orders.yaml': 'mine' }, argv);
    expect(code).toBe(0);
    expect(await readdir(join(cwd, 'drills'))).toEqual(['drill.schema.json', 'orders-2.yaml', 'orders.yaml']);
  });

  it.each([
    ['a drill of another file', { 'drills/other.yaml': 'name: orders' }, 'drills/other.yaml has this name'],
    ['a file that ends in .yml', { 'drills/orders.yml': 'mine' }, 'drills/orders.yml has this name'],
  ])('refuses the name of %s', async (_, files, message) => {
    const valid = [
      'backup: { source: ../backups, match: "*" }',
      'engine: { type: postgres }',
      'objectives: { rto: 15m }',
      'checks: [{ name: t, sql: select count(*) from t, expect: 1 }]',
    ].join('\n');
    const whole = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, `${text}\n${valid}\n`]));
    const argv = ['--source', './backups', '--rto', '15m', '--name', 'orders', '--restore'];
    const { cwd, code, stderr } = await init({ ...FILES, ...whole }, argv);
    expect([code, stderr]).toEqual([64, expect.stringContaining(`usage: ${message}`)]);
    expect(await readdir(join(cwd, 'drills'))).toEqual(Object.keys(files).map((name) => name.slice(7)));
  });

  it('says what a new alert channel needs before anything else', async () => {
    const { code, stdout } = await init(FILES, ['--source', './backups', '--rto', '15m', '--channel', 'slack']);
    expect(code).toBe(0);
    expect(stdout).toContain('export SLACK_WEBHOOK_URL=…');
    expect(stdout).toContain('firedrill.yaml reads it: no alert is sent and serve does not start without it');
  });

  it('never overwrites a drill', async () => {
    const argv = [
      '--source',
      './backups',
      '--rto',
      '15m',
      '--name',
      'orders',
      '--match',
      'orders-*',
      '--engine',
      'postgres',
    ];
    const { cwd, stderr } = await init({ ...FILES, 'drills/orders.yaml': 'mine' }, argv);
    expect(stderr).toContain('usage: drills/orders.yaml has this name');
    expect(await readFile(join(cwd, 'drills/orders.yaml'), 'utf8')).toBe('mine');
  });

  it('restores the newest backup, and proposes checks that the restored copy passes', async () => {
    const argv = [
      '--source',
      './backups',
      '--rto',
      '15m',
      '--restore',
      '--schedule',
      '30 3 * * *',
      '--runtime',
      'local',
    ];
    const { cwd, code, stdout } = await init(recentFiles(), argv);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^PASSED orders: recovered in /m)]);
    expect(await written(cwd)).toMatchObject({
      checks: expect.arrayContaining([expect.objectContaining({ name: 'the largest tables are all there' })]),
      schedule: { cron: expect.anything() },
    });
    expect(stdout.split('Next:\n')[1]).toBe(
      '  firedrill serve  # run it on its schedule, alert, and show it as pages\n',
    );
  });

  it('fails, but still writes the drill, when the newest backup cannot be restored', async () => {
    const broken = ORDERS.replace('COPY public.orders', 'COPY public.missing');
    const argv = ['--source', './backups', '--rto', '15m', '--restore', '--runtime', 'local'];
    const { cwd, code, stdout } = await init({ 'backups/orders-2026-11-28T0200Z.sql': broken }, argv);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^FAILED orders: /m)]);
    expect(await written(cwd)).toMatchObject({ name: 'orders', checks: [{ name: 'tables are there' }, {}] });
  });
});
