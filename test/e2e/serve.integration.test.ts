import { expect, it } from 'vitest';
import { dueRetry } from '../../src/status/retry.ts';
import { accountFor, useServeWorkspace, YESTERDAY } from './serve-workspace.ts';

/** `firedrill serve` as an operator starts, monitors and ends it: real processes, a real server in each drill. */

const here = useServeWorkspace();

const MINUTE_MS = 60_000;

it('catches up on a run missed at night while it was down, shows it everywhere, and exits with 0 on shutdown', async () => {
  const workspace = here();
  const drill = await workspace.put('orders', { schedule: YESTERDAY });
  await workspace.oweFromYesterday(drill);
  const serve = await workspace.serve();
  await serve.messages(/PASSED orders-/, 1);

  const cli = await Promise.all(
    [['history', '--json'], ['list', '--json'], ['list']].map((argv) => workspace.cli(...argv).ended),
  );
  expect(cli.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ]);
  expect(cli[0]?.events).toMatchObject([
    { type: 'run', drill, verdict: 'passed', trigger: { kind: 'schedule', attempt: 1 } },
  ]);
  expect(cli[1]?.events).toMatchObject([{ type: 'drill', drill, state: 'passed' }]);
  expect(await serve.get('/healthz')).toEqual({ status: 200, text: 'the scheduler is running\n' });
  const readiness = await serve.get('/readyz');
  expect(JSON.parse(readiness.text)).toMatchObject({
    ready: true,
    checks: [{ name: 'store' }, { name: 'engine' }, { name: 'schedule', sentence: 'on time' }],
  });
  const metrics = await serve.get('/metrics');
  expect(metrics.status).toBe(200);
  expect(metrics.text).toContain(`firedrill_drill_last_run_verdict{drill="${drill}",verdict="passed"} 1\n`);
  expect(metrics.text).toContain('firedrill_sandboxes_running 0\n');

  serve.kill('SIGTERM');
  const { code, stderr } = await serve.ended;
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: 'stopping after the runs in progress; a second signal cancels them\n',
  });
  expect(await serve.messages(/stop/, 2)).toEqual(['stopping', 'stopped']);
  expect(await workspace.read((store) => store.getDaemons())).toMatchObject([{ stoppedAt: expect.any(Date) }]);
  const list = await workspace.cli('list').ended;
  expect(list.stderr).toMatch(
    /^the scheduler was stopped .* ago: nothing starts these drills by themselves; start one with: firedrill serve\n$/,
  );
});

it('cancels a run at the second signal, removes its sandbox, and retries it after the restart', async () => {
  const workspace = here();
  await workspace.configure({ logLevel: 'debug', serve: { stopGrace: '10m' } });
  const drill = await workspace.put('orders', { schedule: YESTERDAY, heldIn: 'verify' });
  await workspace.oweFromYesterday(drill);
  const serve = await workspace.serve();
  await serve.messages(/orders-\w+: restore ok/, 1);
  serve.kill('SIGTERM');
  await serve.messages(/stopping: orders-\w+ continues for at most 10 min/, 1);
  serve.kill('SIGTERM');
  const { code, stderr } = await serve.ended;
  expect(code).toBe(0);
  expect(stderr.split('\n')).toHaveLength(3);
  expect(await serve.messages(/canceled: /, 1)).toEqual([`canceled: ${drill}; removing its sandbox`]);
  expect(await workspace.leftovers()).toEqual([]);
  const [run] = await workspace.runs();
  expect(run).toMatchObject({
    status: 'interrupted',
    sandbox: { removed: true },
    stages: [{}, {}, {}, {}, { outcome: 'ok' }, { outcome: 'interrupted' }, { name: 'teardown', outcome: 'ok' }],
  });
  expect(dueRetry(await workspace.runs(), new Date())?.notBefore).toEqual(
    new Date((run?.endedAt?.getTime() ?? 0) + 2 * MINUTE_MS),
  );

  await workspace.ageRuns(2 * MINUTE_MS);
  await workspace.put('orders', { schedule: YESTERDAY });
  const next = await workspace.serve();
  await next.messages(/PASSED orders-/, 1);
  expect(await workspace.runs()).toMatchObject([
    { verdict: 'passed', trigger: { kind: 'schedule', attempt: 2, dueAt: run?.trigger.dueAt } },
    { status: 'interrupted' },
  ]);
});

it('records the run as interrupted after kill -9, removes its sandbox, and runs what is due next', async () => {
  const workspace = here();
  await workspace.configure({ logLevel: 'debug' });
  const drill = await workspace.put('orders', { schedule: '*/2 * * * * *', heldIn: 'verify' });
  const killed = await workspace.serve();
  await killed.messages(/orders-\w+: restore ok/, 1);
  killed.kill('SIGKILL');
  await killed.ended;
  expect(await workspace.leftovers()).not.toEqual([]);
  await workspace.put('orders', { schedule: '*/2 * * * * *' });

  const serve = await workspace.serve();
  const [run] = (await workspace.runs()).slice(-1);
  expect(await serve.messages(/run \S+ of orders/, 1)).toEqual([
    `run ${run?.id} of ${drill} was cut off when its process died: recorded as interrupted`,
  ]);
  const swept = await serve.messages(/left behind by run/, 1);
  expect(swept[0]).toContain(`left behind by run ${run?.id}`);
  await serve.messages(/PASSED orders-/, 2);
  serve.kill('SIGTERM');
  expect((await serve.ended).code).toBe(0);
  const { runs, lost, twice } = await accountFor(workspace, drill, 2000);
  expect({ lost, twice }).toEqual({ lost: [], twice: [] });
  expect(runs.map(({ status }) => status).filter((status) => status === 'interrupted')).toEqual(['interrupted']);
  expect(runs.at(-1)).toMatchObject({ id: run?.id, error: { code: 'interrupted', stage: 'verify' } });
});

it('runs each due drill once alongside another process on the same store, and continues when that one is killed', async () => {
  const workspace = here();
  await workspace.configure({ serve: { sandboxes: 3 } });
  const orders = await workspace.put('orders', { schedule: '*/4 * * * * *' });
  const quick = await workspace.put('quick', { schedule: '* * * * * *', isMissing: true });
  const both = await Promise.all([workspace.serve(), workspace.serve()]);
  const killed = await Promise.any(
    both.map((serve) => serve.messages(/orders-\w+: run \S+ started/, 1).then(() => serve)),
  );
  killed.kill('SIGKILL');
  await killed.ended;

  const [other] = both.filter((serve) => serve !== killed);
  if (!other) throw new Error('both were killed');
  expect(await other.messages(/was cut off/, 1)).toHaveLength(1);
  await other.messages(/PASSED orders-/, 1);
  await other.messages(/FAILED quick-/, (await other.messages(/FAILED quick-/, 0)).length + 2);
  other.kill('SIGTERM');
  expect((await other.ended).code).toBe(0);
  const accounts = [await accountFor(workspace, orders, 4000), await accountFor(workspace, quick, 1000)];
  expect(accounts.map(({ lost, twice }) => ({ lost, twice }))).toEqual(accounts.map(() => ({ lost: [], twice: [] })));
  const ends = accounts.flatMap(({ runs }) => runs.map(({ status, verdict }) => verdict ?? status));
  expect([...new Set(ends)].sort()).toEqual(['failed', 'interrupted', 'passed']);
});
