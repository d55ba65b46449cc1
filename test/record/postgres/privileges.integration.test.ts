import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../../src/dashboard/api/routes.ts';
import { liveRuns } from '../../../src/record/postgres/migrations/0005-live-runs.ts';
import { openPostgresStore } from '../../../src/record/postgres/postgres-store.ts';
import type { PostgresAddress } from '../../../src/record/store-address.ts';
import { hashSecret, makeToken } from '../../../src/support/access-token.ts';
import { drillText } from '../../config/loading.ts';
import { firedrill, makeWorkspace } from '../../support/cli.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres-server.ts';
import { createStoreRoles } from '../../support/postgres-store-roles.ts';
import { failedRun, NOON, passedRun, runningRun, stageOf } from '../../support/run-records.ts';
import { alertOf, daemonOf, deliveryOf, drillState, jobOf, skipOf } from '../../support/schedule-records.ts';

let server: TestPostgres;
let address: PostgresAddress;
beforeAll(async () => {
  server = await startTestPostgres();
  address = server.address({ schema: 'firedrill' });
  {
    await using owner = await openPostgresStore(address);
    expect(await owner.findJobs()).toEqual([]); // creates the queue
  }
  await createStoreRoles(server);
});
afterAll(() => server[Symbol.asyncDispose]());

test('the privileges in the guide are enough to run drills, and allow no more', async () => {
  await using store = await openPostgresStore({ ...address, user: 'writer' });
  const due = { state: drillState(), skips: [skipOf()], maxRunning: 4 };
  expect(await store.claimDue(runningRun({ id: 'a' }), due)).toEqual({ kind: 'claimed' });
  await store.addStage('a', stageOf('locate', 1));
  await store.addLog('a', [{ at: NOON, level: 'info', message: 'x' }]);
  await store.extendLease('a', NOON);
  await store.saveLive([{ runId: 'a', savedAt: NOON, keptUntil: undefined, view: {} }]);
  expect(await store.commandRun({ kind: 'cancel', runId: 'a', by: 'alice', at: NOON })).toBe('accepted');
  await store.finish(failedRun({ id: 'a' }));
  await store.claim(runningRun({ id: 'b' }));
  await store.interruptAbandoned(NOON, () => 'gone');
  await store.beat(daemonOf());
  await store.beatRunner({ ...daemonOf(), pool: 'eu' });
  const queued = { state: drillState({ drill: 'shop' }), skips: [] };
  expect(await store.queueRun(jobOf({ drill: 'shop' }), queued.state, queued.skips)).toEqual({ kind: 'queued' });
  const [job] = await store.findJobs('eu');
  const claim = { ...queued, state: drillState({ drill: 'shop', version: 1 }), maxRunning: 4, job };
  expect(await store.claimDue(runningRun({ id: 'q', drill: 'shop' }), claim)).toEqual({ kind: 'claimed' });
  await store.saveAlert(alertOf(), [deliveryOf()]);
  await store.takeDeliveries(NOON, NOON, 9);
  await store.endDelivery(deliveryOf().id, { kind: 'sent', at: NOON });
  await store.keepSnapshot('text');
  await store.addToken({ id: 't', name: 'alice', role: 'operator', createdAt: NOON, hash: 'aa' });
  await store.addSession({ hash: 'bb', createdAt: NOON, expiresAt: NOON, tokenId: 't' });
  await store.noteUse('t', 'bb', NOON);
  await store.revokeToken('alice', NOON);
  await store.acknowledge({
    drill: 'orders',
    kind: 'acknowledged',
    fingerprint: undefined,
    at: NOON,
    by: 'alice',
    reason: 'known',
    until: undefined,
  });
  await store.saveDiscoveryProgress({ place: 'a', savedAt: NOON, state: '1' });
  await store.prune(NOON);
  await expect(ask('writer', 'alter table firedrill.run disable trigger all')).rejects.toThrow('must be owner');
  await expect(ask('writer', 'delete from firedrill.log_line')).rejects.toThrow('permission denied');
  await expect(ask('writer', 'update firedrill.store_version set version = 0')).rejects.toThrow('permission denied');
});

test('the privileges for pages are enough for every page, API response and action', async () => {
  await using owner = await openPostgresStore(address);
  const token = makeToken();
  await owner.addToken({ id: 'p', name: 'alice', role: 'operator', createdAt: NOON, hash: hashSecret(token) });
  await owner.claim(runningRun({ id: 'ended', drill: 'ledger' }));
  await owner.finish(failedRun({ id: 'ended', drill: 'ledger' }));
  await owner.claim(runningRun({ id: 'live', drill: 'other' }));
  await owner.saveLive([{ runId: 'live', savedAt: NOON, keptUntil: undefined, view: {} }]);
  await using pages = await servePages();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const ask = async (path: string, method = 'GET', body?: object) => {
    const answer = await fetch(pages.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    return { status: answer.status, text: await answer.text() };
  };
  const fill = (path: string) => path.replace('{name}', 'ledger').replace('{id}', 'ended');
  const operations = Object.values(routes)
    .filter(({ method }) => method === 'get')
    .map(({ path }) => `/api/v1${fill(path)}`);
  for (const path of [...operations, ...PAGES])
    expect({ path, ...(await ask(path)) }).toMatchObject({ path, status: 200 });

  const silence = await ask('/api/v1/silences', 'POST', { drills: ['ledger'], for: '4h', reason: 'work' });
  expect(silence.status).toBe(201);
  const { id } = JSON.parse(silence.text) as { id: string };
  const acknowledgement = '/api/v1/drills/ledger/acknowledgement';
  for (const [method, path, body] of [
    ['DELETE', `/api/v1/silences/${id}`, undefined],
    ['POST', acknowledgement, { kind: 'acknowledged', reason: 'known' }],
    ['POST', acknowledgement, { kind: 'snoozed', reason: 'known', for: '4h' }],
    ['DELETE', acknowledgement, undefined],
    ['POST', '/api/v1/runs/live/keep', { minutes: 5 }],
    ['POST', '/api/v1/runs/live/keep', { minutes: 6 }],
    ['POST', '/api/v1/runs/live/stop', {}],
    ['POST', '/api/v1/drills/ledger/runs', {}],
  ] as const)
    expect({ method, path, ...(await ask(path, method, body)) }).toMatchObject({ method, path, status: 202 });
  await pages.said('queued in pool default');
  expect(await owner.findJobs('default')).toMatchObject([{ drill: 'ledger', triggeredBy: 'by hand (alice, web)' }]);
  expect(await owner.findCommands(['live'])).toMatchObject([{ kind: 'cancel' }, { kind: 'keep', keepMs: 360_000 }]);

  const form = { origin: pages.url, 'content-type': 'application/x-www-form-urlencoded' };
  const post = (path: string, cookie: string, body: string) =>
    fetch(pages.url + path, { method: 'POST', body, headers: { ...form, cookie }, redirect: 'manual' });
  const signedIn = await post('/signin', '', `token=${token}`);
  const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const page = await (await fetch(pages.url, { headers: { cookie } })).text();
  const secret = /name="form" value="([^"]+)"/.exec(page)?.[1] ?? '';
  expect((await post('/signout', cookie, `form=${secret}`)).headers.get('location')).toBe('/signin');
  expect(await server.query('select * from firedrill.access_session')).toEqual([]);
  expect(await pages.stop()).not.toMatch(/"level":"(warn|error)"/);
});

test('the user for pages can neither forge a run nor grant access', async () => {
  const refused = [
    "update firedrill.run set verdict = 'passed'",
    'insert into firedrill.log_line default values',
    'insert into firedrill.access_token default values',
    "update firedrill.access_token set role = 'operator'",
    'update firedrill.acknowledgement set made_by = ended_by',
    'delete from firedrill_queue.job',
  ];
  for (const sql of refused) await expect(ask('pages', sql)).rejects.toThrow('permission denied');
});

test('a user that ends runs may delete their live views, even after an upgrade', async () => {
  await server.query(`create schema older; set search_path = older;
    create table stage (); create table daemon (); create table runner (); grant delete on stage to firedrill_writer; ${liveRuns}`);
  const [row] =
    await server.query(`select has_table_privilege('firedrill_writer', 'older.run_command', 'delete') as writer,
    has_table_privilege('firedrill_reader', 'older.run_command', 'delete') as reader`);
  expect(row).toEqual({ writer: true, reader: false });
});

test('a reader can read history, and gets an error that names the missing privilege on a write', async () => {
  await using owner = await openPostgresStore(address);
  await owner.claim(runningRun({ id: 'c' }));
  await owner.finish(passedRun({ id: 'c' }));
  await using store = await openPostgresStore({ ...address, user: 'reader' });
  expect((await store.getRun('c')).verdict).toBe('passed');
  expect(await store.getFactDrills()).toEqual(['ledger', 'orders']);
  await expect(store.claim(runningRun({ id: 'd' }))).rejects.toMatchObject({
    code: 'store-failed',
    message: expect.stringContaining('this user lacks a privilege (permission denied for table'),
    hint: expect.stringContaining('docs/store.md'),
  });
  await expect(store.getTokens()).rejects.toMatchObject({ code: 'store-failed' });
});

test('the error for a user that may not change an older schema says who can', async () => {
  const version = await server.query('select version from firedrill.store_version');
  await server.query('update firedrill.store_version set version = 0');
  await expect(openPostgresStore({ ...address, user: 'writer' })).rejects.toMatchObject({
    code: 'store-failed',
    message: expect.stringContaining('and this user may not change it'),
    hint: expect.stringContaining('firedrill list'),
  });
  await server.query('update firedrill.store_version set version = $1', [version[0]?.['version']]);
  await expect(openPostgresStore({ ...address, user: 'stranger' })).rejects.toMatchObject({ code: 'store-failed' });
  await expect(openPostgresStore({ ...address, user: 'stranger', schema: 'new' })).rejects.toMatchObject({
    message: expect.stringContaining('has no tables yet, and this user may not change it'),
  });
});

const PAGES = [
  '/',
  '/coverage',
  '/providers',
  '/runners',
  '/silences',
  '/report',
  '/api',
  '/runs',
  '/runs.csv',
  '/owners/payments',
  '/drills/ledger',
  '/drills/ledger?range=365d',
  '/runs/ended',
  '/runs/ended/log.txt',
  '/runs/ended/compare',
  '/runs/live/cancel',
  '/runbooks/errored',
  '/badge/ledger.svg',
  '/metrics',
  '/healthz',
];

interface ServedPages extends AsyncDisposable {
  readonly url: string;
  /** Resolves when the log contains the text. */
  said(text: string): Promise<void>;
  /** @returns the whole log. */
  stop(): Promise<string>;
}

/** Runs `firedrill serve --only pages` in this process, as the user `pages`. */
async function servePages(): Promise<ServedPages> {
  const workspace = await makeWorkspace();
  const cwd = workspace.directory;
  await mkdir(join(cwd, 'drills'));
  await writeFile(join(cwd, 'drills/ledger.yaml'), drillText({ name: 'name: ledger', owner: 'owner: payments' }));
  await writeFile(join(cwd, 'firedrill.yaml'), 'serve: { listen: "127.0.0.1:0" }');
  const stop = new AbortController();
  const waiting = new Set<() => void>();
  let log = '';
  const onStdout = (text: string) => {
    log += text;
    for (const look of waiting) look();
  };
  const store = `postgres://pages@/postgres?host=${server.directory}`;
  const env = { FIREDRILL_STORE: store };
  const ended = firedrill(['serve', '--only', 'pages'], { cwd, env, interrupt: stop.signal, onStdout });
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (log.includes(text)) resolve();
      };
      waiting.add(look);
      look();
      void ended.then(({ stderr }) => reject(new Error(`ended before ${text}:\n${log}${stderr}`)));
    });
  await said('1 drill, 0 scheduled');
  const [, url = ''] = /answers at (http:\/\/[\d.]+:\d+)/.exec(log) ?? [];
  const end = async () => {
    stop.abort();
    const { stderr } = await ended;
    return `${log}${stderr}`;
  };
  return {
    url,
    said,
    stop: end,
    [Symbol.asyncDispose]: async () => {
      await end();
      await workspace[Symbol.asyncDispose]();
    },
  };
}

async function ask(user: string, sql: string) {
  return server.query(`set session authorization ${user}; ${sql}`);
}
