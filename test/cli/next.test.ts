import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nextCommand } from '../../src/cli/commands/next.ts';
import { Redactor } from '../../src/support/redact.ts';
import { createToolbox } from '../../src/wiring.ts';
import { drillText } from '../config/loading.ts';
import { firedrill, makeWorkspace } from '../support/cli.ts';
import { memoryIo } from './memory-io.ts';

let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
beforeEach(async () => {
  workspace = await makeWorkspace();
  await mkdir(join(workspace.directory, 'drills'));
});
afterEach(() => workspace[Symbol.asyncDispose]());

async function writeDrill(name: string, schedule: string | undefined): Promise<void> {
  await writeFile(join(workspace.directory, `drills/${name}.yaml`), drillText({ name: `name: ${name}`, schedule }));
}

/** By default on a Saturday, half a day before clocks go back in Berlin. */
async function next(
  patterns: readonly string[] = [],
  { now = '2026-10-24T10:00Z', ...options }: { days?: number; limit?: number; json?: boolean; now?: string } = {},
) {
  const io = memoryIo(workspace.directory);
  const tools = {
    ...createToolbox(io, new Redactor()),
    clock: { now: () => new Date(now), monotonicMs: () => 0 },
  };
  const code = await nextCommand(tools, patterns, {
    config: undefined,
    days: 7,
    limit: undefined,
    json: false,
    ...options,
  });
  return { code, stdout: io.out(), stderr: io.err() };
}

it('shows the coming days, each drill in its time zone, what blocks a run, and which drills are manual', async () => {
  await writeDrill('orders', 'schedule: 30 2 * * *\ntimezone: Europe/Berlin');
  await writeDrill('stock', 'schedule: { cron: "*/30 0-1 * * *", notDuring: { days: sun, from: "00:30" } }');
  await writeDrill('year', 'schedule: { cron: "@yearly", freeze: [{ from: 2026-12-24, until: 2027-01-06 }] }');
  await writeDrill('shop', undefined);
  expect(await next([], { days: 2 })).toEqual({
    code: 0,
    stderr: '',
    stdout: `WHEN                    ZONE                  IN        DRILL   NOTE
Sun 25 Oct 2026, 00:00  UTC                   in 14 h   stock
Sun 25 Oct 2026, 02:30  Europe/Berlin +02:00  in 14 h   orders
Sun 25 Oct 2026, 00:30  UTC                   in 14 h   stock   not during sun 00:30-24:00
Sun 25 Oct 2026, 01:00  UTC                   in 15 h   stock   not during sun 00:30-24:00
Sun 25 Oct 2026, 01:30  UTC                   in 15 h   stock   not during sun 00:30-24:00
Mon 26 Oct 2026, 00:00  UTC                   in 38 h   stock
Mon 26 Oct 2026, 00:30  UTC                   in 38 h   stock
Mon 26 Oct 2026, 01:00  UTC                   in 39 h   stock
Mon 26 Oct 2026, 02:30  Europe/Berlin +01:00  in 39 h   orders
Mon 26 Oct 2026, 01:30  UTC                   in 39 h   stock
Sat 1 Jan 2028, 00:00   UTC                   in 433 d  year    nothing within 2 days
by hand only                                            shop    it has no schedule
`,
  });
});

it('shows only the soonest runs of all drills together', async () => {
  await writeDrill('orders', 'schedule: 30 2 * * *');
  await writeDrill('stock', 'schedule: "*/30 0-1 * * *"');
  await writeDrill('year', 'schedule: "@yearly"');
  await writeDrill('shop', undefined);
  expect((await next([], { days: 2, limit: 5 })).stdout).toBe(`WHEN                    ZONE  IN       DRILL   NOTE
Sun 25 Oct 2026, 00:00  UTC   in 14 h  stock
Sun 25 Oct 2026, 00:30  UTC   in 14 h  stock
Sun 25 Oct 2026, 01:00  UTC   in 15 h  stock
Sun 25 Oct 2026, 01:30  UTC   in 15 h  stock
Sun 25 Oct 2026, 02:30  UTC   in 16 h  orders
`);
  const lines = (await next([], { days: 2, limit: 5, json: true })).stdout.trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { drill: string }).drill)).toEqual([
    'orders',
    ...Array.from({ length: 4 }, () => 'stock'),
  ]);
});

it('shows when a drill that is blocked during these days starts again', async () => {
  await writeDrill('orders', 'schedule: { cron: "@daily", freeze: { until: 2026-11-01 } }');
  expect((await next([], { days: 1 })).stdout).toBe(`WHEN                    ZONE  IN       DRILL   NOTE
Sun 25 Oct 2026, 00:00  UTC   in 14 h  orders  frozen until 2 Nov 2026, 00:00
Mon 2 Nov 2026, 00:00   UTC   in 8 d   orders  nothing starts within a day
`);
});

it('shows the effect of jitter and of clocks going forward', async () => {
  await writeDrill('gap', 'schedule: 10 2 4 10 *\ntimezone: Australia/Lord_Howe');
  await writeDrill('late', 'schedule: { cron: "0 12 24 10 *", jitter: 10m }');
  const { stdout } = await next([], { days: 366, now: '2026-10-01T10:00Z' });
  expect(stdout).toBe(`WHEN                       ZONE                        IN       DRILL  NOTE
Sun 4 Oct 2026, 02:30      Australia/Lord_Howe +11:00  in 2 d   gap    clocks go forward: that time does not exist on that day
Sat 24 Oct 2026, 12:02:52  UTC                         in 23 d  late   2 min 52 s of jitter
`);
});

it('shows the first run that starts, however many before it are blocked', async () => {
  await writeDrill('often', 'schedule: { cron: "*/15 * * * *", notDuring: { days: sat-sun } }');
  const lines = (await next()).stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(23);
  expect(lines.slice(-2)).toEqual([
    'Mon 26 Oct 2026, 00:00  UTC   in 38 h    often',
    'later                                    often  651 more within 7 days',
  ]);
});

it('shortens the list of a frequent drill, and says how many runs are omitted', async () => {
  await writeDrill('often', 'schedule: "*/15 * * * *"');
  const lines = (await next()).stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(22);
  expect(lines.at(-1)).toMatch(/^later +often {2}652 more within 7 days$/);
});

it('prints all of them as JSON', async () => {
  await writeDrill('often', 'schedule: { cron: "*/15 * * * *", notDuring: { from: "12:00" } }');
  await writeDrill('shop', undefined);
  const lines = (await next([], { json: true })).stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toHaveLength(673);
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    type: 'due',
    drill: 'often',
    at: '2026-10-24T10:15:00.000Z',
    dueAt: '2026-10-24T10:15:00.000Z',
    timezone: 'UTC',
    withinDays: true,
    note: '',
  });
  expect(JSON.parse(lines[7] ?? '')).toMatchObject({
    at: '2026-10-24T12:00:00.000Z',
    blocked: { kind: 'window', reason: 'not during 12:00-24:00', until: '2026-10-25T00:00:00.000Z' },
  });
  expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ type: 'by-hand', drill: 'shop' });
});

it('shows which drills wait for a new backup, and what blocks them now', async () => {
  await writeDrill('both', 'schedule: { cron: "@weekly", on: new-backup, poll: 30s }');
  await writeDrill('each', 'schedule: { on: new-backup }');
  await writeDrill('held', 'schedule: { on: new-backup, notDuring: { days: sat-sun } }\ntimezone: Europe/Berlin');
  expect((await next()).stdout).toBe(`WHEN                    ZONE  IN       DRILL  NOTE
Sun 25 Oct 2026, 00:00  UTC   in 14 h  both
after each new backup                  both   looked for every 30.0 s
after each new backup                  each   looked for every 5 min
after each new backup                  held   looked for every 5 min; now not during sat-sun
`);
  const lines = (await next(['each', 'held'], { json: true })).stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { type: 'on-new-backup', drill: 'each', pollMs: 300_000, timezone: 'UTC' },
    {
      type: 'on-new-backup',
      drill: 'held',
      pollMs: 300_000,
      timezone: 'Europe/Berlin',
      blocked: { kind: 'window', reason: 'not during sat-sun', until: '2026-10-24T22:00:00.000Z' },
    },
  ]);
});

it('shows the requested drills only', async () => {
  await writeDrill('orders', 'schedule: 30 2 * * *');
  await writeDrill('shop', undefined);
  expect((await next(['shop'])).stdout).toBe(
    'WHEN          ZONE  IN  DRILL  NOTE\nby hand only            shop   it has no schedule\n',
  );
});

it('reports a broken file, shows the others, and exits with 64', async () => {
  await writeDrill('orders', 'schedule: 30 2 * * *');
  await writeDrill('shop', 'schedule: 30 25 * * *');
  const { code, stdout, stderr } = await next();
  expect(code).toBe(64);
  expect(stdout).toContain('orders');
  expect(stderr).toContain(
    'drills/shop.yaml:6:1: schedule: "30 25 * * *" is not a cron expression: hour "25" is out of range',
  );
});

it.each(['0', '1.5', '367', 'x'])('refuses --days %s', async (days) => {
  const { code, stderr } = await firedrill(['next', '--days', days], { cwd: workspace.directory });
  expect({ code, stderr }).toMatchObject({
    code: 64,
    stderr: expect.stringMatching(/Write (a whole number|at most 366)/),
  });
});
