import { once } from 'node:events';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { STEP_TIMEOUT_MS } from '../support/timeouts.ts';
import { deleteStore, listenForPings, useServeWorkspace, YESTERDAY } from './serve-workspace.ts';

/** What an operator does to `firedrill serve`, and what happens to it, while it runs. Its drills need no sandbox. */

const EVERY_SECOND = '* * * * * *';

const here = useServeWorkspace();

it('loads changed drill files on SIGHUP and automatically; keeps the last valid version of a broken one, and reports it', async () => {
  const workspace = here();
  const argv = [
    'sh',
    '-c',
    'printf "%s %s %s\\n" "$FIREDRILL_NOTICE_KIND" "$FIREDRILL_NOTICE_STATE" "$FIREDRILL_NOTICE_DRILL" >> told',
  ];
  await workspace.configure({
    notify: { channels: { file: { type: 'command', argv } }, routes: [{ to: ['file'], status: ['broken'] }] },
  });
  const stock = await workspace.put('stock', { schedule: YESTERDAY, isMissing: true });
  const serve = await workspace.serve();
  const orders = await workspace.put('orders', { schedule: YESTERDAY, isMissing: true });
  serve.kill('SIGHUP');
  expect(await serve.messages(/loaded 1 drill/, 2)).toEqual([`loaded 1 drill: ${stock}`, `loaded 1 drill: ${orders}`]);

  await workspace.put('orders', { schedule: EVERY_SECOND, isMissing: true });
  serve.kill('SIGHUP');
  expect(await serve.messages(/drills changed/, 1)).toEqual([`drills changed: ${orders}`]);
  await serve.messages(/FAILED orders/, 1);

  const file = join(workspace.directory, 'drills', 'stock.yaml');
  const good = await readFile(file, 'utf8');
  await putInPlace(file, good.replace('schedule:', 'shedule:'));
  expect(await serve.messages(/stock\.yaml/, 1)).toEqual([
    expect.stringMatching(
      `^drills/stock.yaml:\\d+:1: "shedule" is not known .*; ${stock} keeps its last good configuration$`,
    ),
  ]);
  expect(await serve.messages(/alert sent to file/, 1)).toEqual([`${stock}: problem, alert sent to file`]);
  await putInPlace(file, good);
  await serve.messages(/drill files fixed: drills\/stock.yaml/, 1);
  await serve.messages(/stock-\w+: resolved, alert sent to file/, 1);
  serve.kill('SIGTERM');
  expect((await serve.ended).code).toBe(0);
  expect(await readFile(join(workspace.directory, 'told'), 'utf8')).toBe(
    `problem broken ${stock}\nresolved never ${stock}\n`,
  );
});

it('reports that its store was deleted, opens a new one, and continues', async () => {
  const workspace = here();
  const drill = await workspace.put('orders', { schedule: EVERY_SECOND, isMissing: true });
  const serve = await workspace.serve();
  await serve.messages(/FAILED orders/, 1);
  await deleteStore(workspace);
  await serve.messages(/store-failed: the store \S+ was deleted, or its disk unmounted, while it was open/, 1);
  await serve.messages(/the store \S+ is being reopened/, 1);
  expect(await serve.messages(/stop/, 0)).toEqual([]);
  const before = await serve.messages(/FAILED orders/, 0);
  await serve.messages(/FAILED orders/, before.length + 1);
  expect((await workspace.runs())[0]).toMatchObject({ drill, verdict: 'failed' });
  expect((await serve.get('/healthz')).status).toBe(200);
  expect((await serve.get('/metrics')).text).toContain('firedrill_store_up 1\n');
  serve.kill('SIGTERM');
  expect((await serve.ended).code).toBe(0);
});

it('is not ready while another process holds its store, and continues afterwards', async () => {
  const workspace = here();
  await workspace.put('orders', { schedule: EVERY_SECOND, isMissing: true });
  const serve = await workspace.serve();
  await serve.messages(/FAILED orders/, 1);
  using database = new DatabaseSync(join(workspace.directory, 'history.db'), { timeout: STEP_TIMEOUT_MS });
  database.exec('begin immediate');
  const held = await serve.get('/readyz');
  expect(held.status).toBe(503);
  expect(JSON.parse(held.text)).toMatchObject({
    ready: false,
    checks: [{ name: 'store', ok: false }, { ok: true }, { ok: true }],
  });
  expect((await serve.get('/healthz')).status).toBe(200);
  const before = await serve.messages(/FAILED orders/, 0);
  database.exec('commit');
  await serve.messages(/FAILED orders/, before.length + 2);
  serve.kill('SIGTERM');
  expect((await serve.ended).code).toBe(0);
});

it('exits at once when it cannot listen or its settings are invalid, but waits for drills', async () => {
  const workspace = here();
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await workspace.configure({ serve: { listen: `127.0.0.1:${port}` } });
  const inUse = await workspace.start('serve').ended;
  other.close();
  expect(inUse).toMatchObject({ code: 2, stdout: '' });
  expect(inUse.stderr).toBe(
    `listen-failed: cannot listen on 127.0.0.1:${port}: another process is listening there\nHINT: Set \`serve.listen\` in the settings to an address and port that are free, or to off.\n`,
  );

  await workspace.configure({ serve: { sandboxes: 'many' } });
  const wrong = await workspace.start('serve').ended;
  expect(wrong).toMatchObject({ code: 64, stdout: '' });
  expect(wrong.stderr).toContain('firedrill.yaml:1:');

  await workspace.configure({ drills: 'elsewhere' });
  const serve = await workspace.serve();
  expect(await serve.messages(/elsewhere/, 1)).toEqual([
    expect.stringMatching(/^elsewhere: .*; no drill is loaded from it until it is fixed$/),
  ]);
  await workspace.put('orders', { schedule: YESTERDAY, isMissing: true });
  await rename(join(workspace.directory, 'drills'), join(workspace.directory, 'elsewhere'));
  serve.kill('SIGHUP');
  await serve.messages(/loaded 1 drill: orders-/, 1);
  await mkdir(join(workspace.directory, 'drills'));
  serve.kill('SIGTERM');
  expect((await serve.ended).code).toBe(0);
});

it('continues when its output is no longer read', async () => {
  const workspace = here();
  await using pings = await listenForPings();
  await workspace.put('orders', { schedule: EVERY_SECOND, isMissing: true, heartbeat: pings.url });
  const serve = await workspace.serve();
  serve.child.stdout?.destroy();
  serve.child.stderr?.destroy();
  for (let count = 0; count < 5; count += 1) await pings.next();
  expect((await serve.get('/healthz')).status).toBe(200);
  serve.kill('SIGTERM');
  expect((await serve.ended).code).toBe(0);
  const runs = await workspace.runs();
  expect(runs.length).toBeGreaterThan(1);
  expect(runs.every(({ verdict }) => verdict === 'failed')).toBe(true);
  expect(await workspace.read((store) => store.getDaemons())).toMatchObject([{ stoppedAt: expect.any(Date) }]);
});

async function putInPlace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}
