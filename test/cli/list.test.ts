import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ListOptions, listCommand } from '../../src/cli/commands/list.ts';
import type { Hyperlinks } from '../../src/cli/io.ts';
import type { DaemonRecord } from '../../src/record/schedule-store.ts';
import { Redactor } from '../../src/support/redact.ts';
import { createToolbox } from '../../src/wiring.ts';
import { drillText } from '../config/loading.ts';
import { atHour, stateOfDrill } from '../status/facts.ts';
import { makeWorkspace } from '../support/cli.ts';
import { expectCode } from '../support/expect-code.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { failedRun, NOON, passedRun } from '../support/run-records.ts';
import { memoryIo } from './memory-io.ts';

const NIGHTLY = 'schedule: 30 3 * * *';

let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
let store: ReturnType<typeof createMemoryStore>;
beforeEach(async () => {
  workspace = await makeWorkspace();
  store = createMemoryStore();
  await mkdir(join(workspace.directory, 'drills'));
});
afterEach(() => workspace[Symbol.asyncDispose]());

async function writeDrill(name: string, ...lines: string[]): Promise<void> {
  const text = drillText({ name: `name: ${name}`, schedule: lines.join('\n') || undefined });
  await writeFile(join(workspace.directory, `drills/${name}.yaml`), text);
}

async function list({
  now = atHour(9),
  links,
  ...options
}: Partial<ListOptions> & { now?: Date; links?: Hyperlinks } = {}) {
  const io = { ...memoryIo(workspace.directory), links };
  const tools = {
    ...createToolbox(io, new Redactor()),
    openStore: async () => store,
    clock: { now: () => now, monotonicMs: () => 0 },
  };
  const code = await listCommand(tools, {
    config: undefined,
    failed: false,
    tier: undefined,
    owner: undefined,
    label: undefined,
    watch: false,
    json: false,
    ...options,
  });
  return { code, stdout: io.out(), stderr: io.err() };
}

async function beat(changes: Partial<DaemonRecord> = {}): Promise<void> {
  const base = { owner: 'db-host/boot/1/1', startedAt: NOON, firedrillVersion: '0.1.0', sandboxes: 4 };
  await store.beat({ ...base, beatAt: atHour(9), stoppedAt: undefined, ...changes });
}

it('shows overdue drills before passed ones, with the reason', async () => {
  await writeDrill('orders', NIGHTLY);
  await writeDrill('shop');
  await beat({ beatAt: atHour(24) });
  for (const run of [passedRun({ drill: 'orders' }), failedRun({ drill: 'shop', id: '20261121-120000-bbbbbb' })]) {
    await store.claim({ ...run, status: 'running', endedAt: undefined });
    await store.finish(run);
  }
  await store.saveDrillState(stateOfDrill({ version: 0, waitsFor: 'for memory: needs 2.15 GB, 1.07 GB free' }), []);
  expect(await list({ now: atHour(24) })).toEqual({
    code: 0,
    stderr: '',
    stdout: [
      'VERDICT  DRILL   LAST RUN  RECOVERY            STATE',
      'FAILED   shop    24 h ago  4.0 s (RTO 15 min)  failed: recovery took 41 min, target 15 min (26 min over)',
      'OVERDUE  orders  24 h ago  4.0 s (RTO 15 min)  overdue: was due 22 Nov 2026, 03:30 UTC, 8 h ago; waits for memory: needs 2.15 GB, 1.07 GB free (last run: passed, 24 h ago)',
      '',
    ].join('\n'),
  });
});

it('warns on stderr that no scheduler has reported, when drills have schedules', async () => {
  await writeDrill('orders', NIGHTLY);
  expect(await list()).toMatchObject({
    code: 0,
    stderr: 'no scheduler has run yet: nothing starts these drills by themselves; start one with: firedrill serve\n',
  });
  await beat({ beatAt: NOON });
  expect((await list()).stderr).toMatch(/^no scheduler has reported for 9 h: nothing starts these drills/);
  await beat({ stoppedAt: atHour(8) });
  expect((await list()).stderr).toMatch(/^the scheduler was stopped 1 h ago: nothing starts/);
  await beat();
  expect((await list()).stderr).toBe('');
});

it('says that runs are skipped because of the monthly budget', async () => {
  await writeDrill('orders');
  const settings = 'limits: { costPerMonth: 4 USD }\nprices: { "s3://acme/": { perGb: 0.09 } }\n';
  await writeFile(join(workspace.directory, 'firedrill.yaml'), settings);
  expect((await list()).stderr).toBe('');
  const run = passedRun({ drill: 'orders' });
  await store.claim({ ...run, status: 'running', endedAt: undefined });
  await store.finish(run);
  expect((await list()).stderr).toBe('budget of 4.00 USD for Nov 2026: 4.34 USD spent; no run was skipped so far\n');
});

it('links drills and their newest runs to their pages when the terminal supports links', async () => {
  await writeDrill('orders');
  await writeFile(join(workspace.directory, 'firedrill.yaml'), 'publicUrl: https://f.example.com\n');
  const run = passedRun({ drill: 'orders' });
  await store.claim({ ...run, status: 'running', endedAt: undefined });
  await store.finish(run);
  const links = { link: (text: string, url: string | undefined) => `<${text} ${url}>`, pattern: /$^/ };
  const { stdout } = await list({ links });
  expect(stdout).toContain('<orders https://f.example.com/drills/orders>');
  expect(stdout).toContain(` ago https://f.example.com/runs/${run.id}>`);
});

it('does not mention schedulers when no drill has a schedule', async () => {
  await writeDrill('orders');
  expect((await list()).stderr).toBe('');
});

it('prints each row as JSON', async () => {
  await writeDrill('orders');
  const { stdout } = await list({ json: true });
  expect(JSON.parse(stdout)).toEqual({
    type: 'drill',
    drill: 'orders',
    state: 'never',
    tone: 'bad',
    sentence: 'never drilled: recovery has never been tested',
    age: '',
    recovery: '',
    races: [],
  });
});

it('says when recovery was last proven with the recovery identity, and that it no longer works', async () => {
  const text = (name: string) =>
    drillText({
      name: `name: ${name}`,
      backup: "backup: { source: ../backups, match: 'orders-*', identity: { keys: [{ env: RECOVERY_KEY }] } }",
    });
  for (const name of ['lost', 'never', 'proven'])
    await writeFile(join(workspace.directory, `drills/${name}.yaml`), text(name));
  const identity = { name: 'recovery', keys: ['age1recovery'], principal: undefined } as const;
  const keyWrong = { code: 'key-wrong', stage: 'locate', message: 'no', hint: undefined, details: [] } as const;
  const broken = {
    status: 'errored',
    verdict: undefined,
    reasons: [],
    error: keyWrong,
    recoveryTimeMs: undefined,
  } as const;
  for (const run of [
    passedRun({ id: 'a', drill: 'lost', identity: { ...identity, keys: [] }, ...broken }),
    passedRun({ id: 'b', drill: 'lost', startedAt: atHour(1) }),
    passedRun({ id: 'c', drill: 'never' }),
    passedRun({ id: 'd', drill: 'proven', identity }),
  ]) {
    await store.claim({ ...run, status: 'running', endedAt: undefined });
    await store.finish(run);
  }
  const { stdout, stderr } = await list();
  expect(stdout).toContain(
    'recoverable; errored with the recovery key on 21 Nov 2026 (key-wrong); never proven with it',
  );
  expect(stdout).toContain('recoverable; never proven with the recovery key');
  expect(stdout).toContain('recoverable; proven with the recovery key on 21 Nov 2026');
  expect(stderr).toBe(
    'lost: errored with the recovery key on 21 Nov 2026 (key-wrong); never proven with it. Correct it, then run: firedrill run drills/lost.yaml --as recovery\n',
  );
});

it('lists only drills that need attention, of a tier, of an owner, or with a label', async () => {
  await writeDrill('orders', NIGHTLY);
  await writeDrill('shop', 'labels: { service: shop }');
  const names = async (options: Partial<ListOptions>) => {
    store = createMemoryStore(); // the command closes it
    await beat({ beatAt: atHour(9) });
    await store.claim({ ...passedRun({ drill: 'shop' }), status: 'running', endedAt: undefined });
    await store.finish(passedRun({ drill: 'shop' }));
    const { stdout } = await list({ json: true, ...options });
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line) as { drill: string }).drill));
  };
  expect(await names({})).toEqual(['orders', 'shop']);
  expect(await names({ failed: true })).toEqual(['orders']);
  expect(await names({ tier: 7 })).toEqual([]);
  expect(await names({ owner: 'nobody' })).toEqual([]);
  expect(await names({ label: { service: 'shop' } })).toEqual(['shop']);
});

it('refuses to watch without a terminal', async () => {
  await writeDrill('orders');
  await expectCode('usage', () => list({ watch: true }));
});

it('says that no drill matches the filter', async () => {
  await writeDrill('orders');
  expect((await list({ tier: 7, label: { service: 'shop' } })).stdout).toBe(
    'there are no drills of tier 7 with service=shop\n',
  );
});

it('shows some problems of many broken files, and where all of them are', async () => {
  for (let file = 1; file <= 30; file += 1) await writeDrill(`d${file}`, 'tier: 99');
  const { stdout, stderr } = await list({});
  expect(stdout).toBe('no drill file is valid\n');
  const lines = stderr.split('\n');
  expect(lines.filter((line) => line.includes('tier:'))).toHaveLength(20);
  expect(lines).toContainEqual(expect.stringMatching(/^ *and 10 more$/));
  expect(stderr).toContain('firedrill validate');
});
