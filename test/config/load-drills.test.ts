import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { definitionForRecord } from '../../src/config/definition.ts';
import { loadDrills, readDrills } from '../../src/config/load-drills.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { DrillError, formatError } from '../../src/support/errors.ts';
import { drillExpecting, drillText, workspace } from './loading.ts';

async function load(text: string, files: Record<string, string> = {}, options = {}) {
  const cwd = await workspace({ 'drills/d.yaml': text, ...files });
  const [drill] = await loadDrills(['drills/d.yaml'], { cwd, env: {}, ...options });
  if (!drill) throw new Error('no drill');
  return { drill, cwd };
}

describe('a valid drill', () => {
  it('gets every default and resolves every unit', async () => {
    const { drill, cwd } = await load(drillText());
    expect(drill).toEqual({
      name: 'orders',
      description: undefined,
      owner: undefined,
      tier: undefined,
      backup: {
        source: {
          type: 's3',
          bucket: 'acme',
          prefix: 'orders/',
          endpoint: undefined,
          region: undefined,
          forcePathStyle: undefined,
          profile: undefined,
          credentials: undefined,
        },
        match: 'orders-*.dump',
        select: { by: 'latest' },
        takenAt: 'modified',
      },
      engine: {
        type: 'postgres',
        version: 'from-backup',
        database: undefined,
        image: undefined,
        preload: [],
        settings: {},
      },
      sandbox: {
        runtime: undefined,
        memoryBytes: 2 * 2 ** 30,
        cpus: 2,
        pids: 512,
        storage: 'volume',
        durability: 'relaxed',
      },
      objectives: {
        rtoMs: 900_000,
        rpoMs: undefined,
        warnAtRatio: 0.8,
        counts: ['locate', 'plan', 'provision', 'restore', 'verify'],
        deadlineMs: 3_600_000,
      },
      restore: { ignoreErrors: [], jobs: undefined },
      checks: [
        {
          kind: 'sql',
          name: 'customers',
          sql: 'select max(id) from customer',
          database: undefined,
          expect: { kind: 'min', value: 599 },
          timeoutMs: 300_000,
        },
      ],
      runbook: undefined,
      schedule: undefined,
      file: join(cwd, 'drills/d.yaml'),
      place: { file: 'drills/d.yaml', checkLines: [expect.any(Number)] },
      definitionHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('takes precedence over the settings, which take precedence over the defaults', async () => {
    const sandboxDefaults = { runtime: 'local', memoryBytes: 2 ** 30, cpus: 1 } as const;
    const { drill } = await load(drillText({ sandbox: 'sandbox: { cpus: 4 }' }), {}, { sandboxDefaults });
    expect(drill.sandbox).toMatchObject({ runtime: 'local', memoryBytes: 2 ** 30, cpus: 4 });
  });

  it.each([
    ['rto: 1m', { rtoMs: 60_000, deadlineMs: 600_000 }],
    ['rto: 3m', { rtoMs: 180_000, deadlineMs: 720_000 }],
    ['rto: 1h30m, rpo: 26h', { rtoMs: 5_400_000, rpoMs: 93_600_000 }],
    ['rto: 1m, warnAt: 0.5', { warnAtRatio: 0.5 }],
    ['rto: 1m, warnAt: 50%', { warnAtRatio: 0.5 }],
    ['rto: 1m, warnAt: 1', { warnAtRatio: 1 }],
    ['rto: 1m, counts: [verify, restore]', { counts: ['restore', 'verify'] }],
    ['rto: 1m, counts: [plan, verify]', { counts: ['plan', 'verify'] }],
    [
      'rto: 1m, counts: [locate, provision, restore, verify]',
      { counts: ['locate', 'plan', 'provision', 'restore', 'verify'] },
    ],
    ['rto: 1m, deadline: 2m', { deadlineMs: 120_000 }],
  ])('has the objectives { %s }', async (text, objectives) => {
    expect((await load(drillText({ objectives: `objectives: { ${text} }` }))).drill.objectives).toMatchObject(
      objectives,
    );
  });

  it.each<[string, unknown]>([
    ['599', { kind: 'equals', value: 599 }],
    ['"599"', { kind: 'equals', value: '599' }],
    ['true', { kind: 'equals', value: true }],
    ['{ equals: null }', { kind: 'equals', value: null }],
    ['{ equals: empty }', { kind: 'equals', value: 'empty' }],
    ['empty', { kind: 'empty' }],
    ['{ empty: true }', { kind: 'empty' }],
    ['{ notEmpty: true }', { kind: 'notEmpty' }],
    ['{ min: 2026-01-01 }', { kind: 'min', value: '2026-01-01' }],
    ['{ max: 0 }', { kind: 'max', value: 0 }],
    ['{ between: [0, 0] }', { kind: 'between', low: 0, high: 0 }],
    ['{ matches: "^a" }', { kind: 'matches', pattern: '^a' }],
    ['{ oneOf: [a, 1, null] }', { kind: 'oneOf', values: ['a', 1, null] }],
    ['{ newerThan: 26h }', { kind: 'newerThan', ageMs: 93_600_000 }],
    [
      '{ rows: [[a, 1], [b, 2]] }',
      {
        kind: 'rows',
        rows: [
          ['a', 1],
          ['b', 2],
        ],
      },
    ],
    ['{ rows: [a, null] }', { kind: 'rows', rows: [['a'], [null]] }],
  ])('expects %s', async (text, expectation) => {
    expect((await load(drillExpecting(text))).drill.checks[0]).toMatchObject({ expect: expectation });
  });

  it('finds its runbook next to it or in a parent directory, or takes a URL', async () => {
    const { drill, cwd } = await load(drillText({ runbook: 'runbook: runbooks/o.md' }), { 'runbooks/o.md': 'x' });
    expect(drill.runbook).toBe(join(cwd, 'runbooks/o.md'));
    const url = 'https://wiki.example.com/orders';
    expect((await load(drillText({ runbook: `runbook: ${url}` }))).drill.runbook).toBe(url);
  });

  it.each([
    ['latest', { by: 'latest' }],
    ['random 30d', { by: 'random', windowMs: 2_592_000_000 }],
    ['" random  36h "', { by: 'random', windowMs: 129_600_000 }],
    ['random-2026-11-21.dump', { by: 'key', key: 'random-2026-11-21.dump' }],
  ])('selects its backup as specified by select: %s', async (select, expected) => {
    const backup = `backup: { source: s3://acme/orders/, match: 'orders-*.dump', select: ${select} }`;
    expect((await load(drillText({ backup }))).drill.backup.select).toEqual(expected);
  });

  it.each([
    ['restore: { completionLine: optional }', 'engine: { type: postgres }', 'optional'],
    ['restore: { jobs: 2 }', 'engine: { type: postgres, completionLine: optional }', 'optional'],
    ['restore: { completionLine: required }', 'engine: { type: postgres }', undefined],
  ])('accepts a dump without its completion line only when it says so: %s, %s', async (restore, engine, expected) => {
    expect((await load(drillText({ restore, engine }))).drill.restore.completionLine).toBe(expected);
  });

  it('has its schedule in its time zone, UTC by default', async () => {
    const { drill } = await load(drillText({ schedule: 'schedule: 30 3 * * MON-FRI' }));
    expect(drill.schedule).toEqual({
      onNewBackup: undefined,
      cron: '30 3 * * MON-FRI',
      timezone: 'UTC',
      missed: 'run-once',
      jitterMs: 0,
      notDuring: [],
      freezes: [],
      overdueAfterMs: 900_000,
    });
  });

  it.each([
    ['schedule: { cron: "@daily", timezone: Asia/Kolkata }', { cron: '@daily', timezone: 'Asia/Kolkata' }],
    ['schedule: { cron: "@daily" }\ntimezone: Asia/Kolkata', { timezone: 'Asia/Kolkata' }],
    ['schedule: { on: new-backup }', { cron: undefined, onNewBackup: { pollMs: 300_000 }, missed: 'run-once' }],
    [
      'schedule: { cron: "@daily", on: new-backup, poll: 10s, missed: skip, overdueAfter: 1h }',
      { cron: '@daily', onNewBackup: { pollMs: 10_000 }, missed: 'skip', overdueAfterMs: 3_600_000 },
    ],
    ['schedule: { cron: "@daily", missed: skip, jitter: 10m }', { missed: 'skip', jitterMs: 600_000 }],
    [
      'schedule: { cron: "@daily", notDuring: { days: mon-fri, from: 08:00, to: "18:00" } }',
      { notDuring: [{ days: [1, 2, 3, 4, 5], fromMinute: 480, toMinute: 1080 }] },
    ],
    [
      'schedule: { cron: "@hourly", notDuring: [{ days: [Fri-Mon, "wed,thu"] }, { from: "22:30", to: 6:00 }, { from: "20:00" }] }',
      {
        notDuring: [
          { days: [0, 1, 3, 4, 5, 6], fromMinute: 0, toMinute: 1440 },
          { days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 1350, toMinute: 360 },
          { days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 1200, toMinute: 1440 },
        ],
      },
    ],
    [
      'schedule: { cron: "@daily", freeze: { until: 2026-12-31 } }',
      { freezes: [{ from: undefined, until: '2027-01-01 00:00' }] },
    ],
    [
      'schedule: { cron: "@daily", freeze: [{ from: 2026-12-20, until: 2026-12-20 }, { from: 2026-12-24 12:00, until: 2027-01-06T18:00 }] }',
      {
        freezes: [
          { from: '2026-12-20 00:00', until: '2026-12-21 00:00' },
          { from: '2026-12-24 12:00', until: '2027-01-06 18:00' },
        ],
      },
    ],
  ])('has the schedule of %s', async (schedule, expected) => {
    expect((await load(drillText({ schedule }))).drill.schedule).toMatchObject(expected);
  });
});

describe('the configuration of a drill', () => {
  const withSql = drillText({ checks: 'checks: [{ name: a, sql: { file: a.sql }, expect: 1 }]' });

  it('has the same hash wherever its files are stored', async () => {
    const one = await load(withSql, { 'drills/a.sql': 'select 1\n' });
    const other = await load(withSql, { 'drills/a.sql': 'select 1\n' });
    expect(one.drill.definitionHash).toBe(other.drill.definitionHash);
    const directory = drillText({ backup: "backup: { source: ../b, match: '*' }" });
    expect((await load(directory)).drill.definitionHash).toBe((await load(directory)).drill.definitionHash);
  });

  it('changes its hash when an SQL file changes, but not when a comment does', async () => {
    const { drill } = await load(withSql, { 'drills/a.sql': 'select 1' });
    expect((await load(withSql, { 'drills/a.sql': 'select 2' })).drill.definitionHash).not.toBe(drill.definitionHash);
    expect((await load(`# x\n${withSql}`, { 'drills/a.sql': 'select 1' })).drill.definitionHash).toBe(
      drill.definitionHash,
    );
  });

  it('is recorded as JSON with the SQL and without a secret', async () => {
    const text = drillText({
      backup: "backup: { source: s3://acme, match: '*', accessKeyId: '${A}', secretAccessKey: '${B}' }",
    });
    const { drill } = await load(text, {}, { env: { A: 'the-id', B: 'the-secret' } });
    const record = definitionForRecord(drill);
    expect(JSON.parse(record)).toMatchObject({
      name: 'orders',
      backup: { source: { bucket: 'acme', credentials: 'explicit' } },
      checks: [{ sql: 'select max(id) from customer' }],
    });
    expect(record).not.toMatch(/the-id|the-secret|firedrill-config/);
  });
});

describe('finding drills', () => {
  const files = {
    'drills/a.yaml': drillText({ name: 'name: a' }),
    'drills/team/b.yml': drillText({ name: 'name: b' }),
    'drills/team/file.yaml': drillText({ name: 'name: shop-eu' }),
    'shop-eu/readme.txt': '',
    'drills/.hidden.yaml': 'x',
    'drills/notes.txt': 'x',
    'other/a.yaml': drillText({ name: 'name: a' }),
  };
  const namesOf = async (paths: string[]) => {
    const { drills } = await readDrills(paths, { cwd: await workspace(files), env: {} });
    return drills.map(({ name }) => name);
  };

  it.each([
    [['drills/a.yaml'], ['a']],
    [['drills'], ['a', 'b', 'shop-eu']],
    [['drills/**/*'], ['a', 'b', 'shop-eu']],
    [['drills/*.yaml', 'drills/a.yaml'], ['a']],
    [['a'], ['a']],
    [['b'], ['b']],
    [['file'], ['shop-eu']],
    [['shop-eu'], ['shop-eu']],
    [
      ['drills/team/b.yml', 'a'],
      ['b', 'a'],
    ],
  ])('resolves %j to %j', async (paths, names) => {
    expect(await namesOf(paths)).toEqual(names);
  });

  it.each([
    ['drills/aa.yaml', 'drill-not-found: no drill file at drills/aa.yaml\nHINT: Did you mean drills/a.yaml?'],
    ['shop-us', 'drill-not-found: no drill file at shop-us\nHINT: Did you mean drills/team/file.yaml?'],
    [
      'drills/z*.yaml',
      'drill-not-found: no drill file matches drills/z*.yaml\nHINT: Looked for drills/z*.yaml from CWD; `firedrill list` shows the drills in drills/.',
    ],
    [
      'empty',
      'drill-not-found: no drill in empty: it has no .yaml files\nHINT: Create a drill with `firedrill init`, or name the directory of your drills.',
    ],
  ])('reports that %s is not a drill', async (path, message) => {
    const cwd = await workspace({ ...files, 'empty/x.txt': '' });
    const error = await readDrills([path], { cwd, env: {} }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DrillError);
    expect(formatError(error as DrillError).replaceAll(cwd, 'CWD')).toBe(message);
  });

  it('refuses two drills with the same name, naming both places, and keeps the others', async () => {
    const cwd = await workspace(files);
    const { drills, problems } = await readDrills(['drills', 'other'], { cwd, env: {} });
    expect(drills.map(({ name }) => name)).toEqual(['a', 'b', 'shop-eu']);
    expect(problems.map(formatProblem)).toEqual([
      'other/a.yaml:1:1: name: "a" is the name of the drill at drills/a.yaml:1 too; names must be unique',
    ]);
  });

  it('throws one error with every problem of every file before a run', async () => {
    const cwd = await workspace({
      'a.yaml': drillText({ tier: 'tier: x' }),
      'b.yaml': drillText({ name: 'name: b', runbook: 'runbook: x.md' }),
    });
    const error = await loadDrills(['a.yaml', 'b.yaml'], { cwd, env: {} }).catch((thrown: unknown) => thrown);
    expect(formatError(error as DrillError)).toBe(
      [
        'config-invalid: 2 problems in 2 files',
        '  a.yaml:6:1: tier: must be a whole number from 0 to 9, not "x"',
        '  b.yaml:6:1: runbook: the file x.md does not exist next to the drill file or in a directory above it',
        'HINT: Fix the lines above, then run `firedrill validate`; `firedrill schema` and docs/reference.md say what each key takes.',
      ].join('\n'),
    );
  });

  it.each([
    ['runbook: x.md', 'config-missing-file'],
    ['owner: [x]', 'config-invalid'],
  ])('reports { %s } with the code %s', async (line, code) => {
    await expect(load(drillText({ extra: line }))).rejects.toMatchObject({ code });
  });
});
