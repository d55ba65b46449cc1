import { describe, expect, it } from 'vitest';
import { drillExpecting, drillText, problemsOf } from './loading.ts';

describe('an invalid drill file', () => {
  it('gets every problem reported at its position, not only the first', async () => {
    const text = [
      'name: Orders',
      'tier: one',
      'backup:',
      '  source: s3://acme/orders/',
      '  region: ${REGION}',
      '  math: "orders-*.dump"',
      'engine: { type: postgre }',
      'objectives: { rto: 15 minutes }',
      'checks:',
      '  - name: customers',
      '    sql: { file: customers.sql }',
      '    expect: { minimum: 599 }',
      '',
    ].join('\n');
    const lines = await problemsOf({ 'drills/orders.yaml': text });
    expect(lines.map((line) => line.replace(/\(allowed: source, .*\)/, '(allowed: source, …)'))).toEqual([
      'drills/orders.yaml:1:1: name: must be 1 to 63 lower-case letters, digits, dots, dashes and underscores, and begin with a letter or digit, not "Orders"',
      'drills/orders.yaml:2:1: tier: must be a whole number from 0 to 9, not "one"',
      'drills/orders.yaml:3:1: backup.match: is missing; must be a pattern such as orders-*.dump',
      'drills/orders.yaml:5:3: backup.region: the variable REGION is not set or empty; set it, or write "${REGION:-default}"',
      'drills/orders.yaml:6:3: backup: "math" is not known here; did you mean "match"? (allowed: source, …)',
      'drills/orders.yaml:7:11: engine.type: must be postgres, mysql, mariadb, clickhouse, redis, valkey, etcd, exec or files, not "postgre"; did you mean "postgres"?',
      'drills/orders.yaml:8:15: objectives.rto: "15 minutes" is not a duration; write 15m',
      'drills/orders.yaml:11:12: checks[0].sql.file: the file customers.sql does not exist; looked for it at CWD/drills/customers.sql',
      'drills/orders.yaml:12:15: checks[0].expect: "minimum" is not known here; did you mean "min"? (allowed: equals, min, max, between, matches, oneOf, newerThan, rows, empty, notEmpty)',
    ]);
  });

  it.each<[string, Record<string, string | undefined>, string]>([
    [
      'no name',
      { name: undefined },
      '1:1: name: is missing; must be text of lower-case letters, digits, dots, dashes and underscores',
    ],
    ['an empty value', { owner: 'owner:' }, '6:1: owner: has no value; must be a team or person'],
    [
      'a key of another section',
      { rto: 'rto: 5m' },
      '6:1: "rto" is not known here; it belongs under "objectives" (allowed: name, description, owner, tier, labels, backup, budget, engine, sandbox, objectives, restore, recover, checks, baseline, runbook, heartbeat, prove, race, pool, schedule, timezone)',
    ],
    [
      'an unknown key without suggestions',
      { zebra: 'zebra: 1' },
      '6:1: "zebra" is not known here (allowed: name, description, owner, tier, labels, backup, budget, engine, sandbox, objectives, restore, recover, checks, baseline, runbook, heartbeat, prove, race, pool, schedule, timezone)',
    ],
    [
      'a key in the wrong case',
      { engine: 'engine: { Type: postgres, type: postgres }' },
      '3:11: engine: "Type" is not known here; did you mean "type"? (allowed: type, version, database, image, completionLine, preload, settings, rootPassword, steps, stage, startServer, env, timeouts, exportLimitMiB, network)',
    ],
    [
      'a list instead of a mapping',
      { engine: 'engine: [postgres]' },
      '3:1: engine: must be a mapping of keys, not a list',
    ],
    [
      'a version that YAML would round',
      { engine: 'engine: { type: mariadb, version: 10.10 }' },
      '3:26: engine.version: must be from-backup, a whole number, or a version in quotes such as "10.11", not 10.1',
    ],
    [
      'memory without a unit',
      { sandbox: 'sandbox: { memory: 2 }' },
      '6:12: sandbox.memory: must be a size with a unit such as 512m or 2g, not 2',
    ],
    [
      'memory as text without a unit',
      { sandbox: 'sandbox: { memory: "2" }' },
      '6:12: sandbox.memory: "2" is not a size; write one such as 512m or 2g',
    ],
    [
      'too little memory',
      { sandbox: 'sandbox: { memory: 2m }' },
      '6:12: sandbox.memory: "2m" is too little for a server; at least 128m',
    ],
    ['no CPU', { sandbox: 'sandbox: { cpus: 0 }' }, '6:12: sandbox.cpus: must be a number from 0.1 to 1024, not 0'],
    [
      'an unknown runtime',
      { sandbox: 'sandbox: { runtime: podman }' },
      '6:12: sandbox.runtime: must be docker or local, not "podman"',
    ],
    [
      'an unknown source of the date',
      { backup: "backup: { source: s3://acme/orders/, match: '*', takenAt: names }" },
      '2:50: backup.takenAt: must be name, modified or tag, not "names"; did you mean "name"?',
    ],
    [
      'an unknown stage',
      { objectives: 'objectives: { rto: 15m, counts: [restore, verfy] }' },
      '4:43: objectives.counts[1]: must be locate, plan, provision, restore or verify, not "verfy"; did you mean "verify"?',
    ],
    [
      'no counted stages',
      { objectives: 'objectives: { rto: 15m, counts: [] }' },
      '4:25: objectives.counts: is empty: no time would be counted, so no recovery could be too slow',
    ],
    [
      'a stage counted twice',
      { objectives: 'objectives: { rto: 15m, counts: [restore, restore] }' },
      '4:25: objectives.counts: names a stage twice',
    ],
    [
      'a deadline before the target',
      { objectives: 'objectives: { rto: 15m, deadline: 5m }' },
      '4:25: objectives.deadline: must be at least the rto of 15 min, not 5 min: the run would be stopped before its RTO',
    ],
    [
      'a share above one',
      { objectives: 'objectives: { rto: 15m, warnAt: 80 }' },
      '4:25: objectives.warnAt: must be a share above 0 and up to 1 such as 80% or 0.8, not 80',
    ],
    [
      'a share in words',
      { objectives: 'objectives: { rto: 15m, warnAt: most }' },
      '4:25: objectives.warnAt: must be a share above 0 and up to 1 such as 80% or 0.8, not "most"',
    ],
    [
      'no target',
      { objectives: 'objectives: { rpo: 1h }' },
      '4:1: objectives.rto: is missing; must be a duration such as 90s, 15m, 26h or 7d',
    ],
    [
      'a pattern that matches every error',
      { restore: "restore: { ignoreErrors: ['.*'] }" },
      '6:27: restore.ignoreErrors[0]: matches every line: it would hide every error of the restore',
    ],
    [
      'an unknown way to a repository',
      { restore: 'restore: { repository: stream }' },
      '6:12: restore.repository: must be staged or gateway, not "stream"',
    ],
    [
      'a completion line in both of its places',
      {
        engine: 'engine: { type: postgres, completionLine: optional }',
        restore: 'restore: { completionLine: required }',
      },
      '3:27: engine.completionLine: is set both here and in restore.completionLine; keep that one',
    ],
    [
      'no check',
      { checks: 'checks: []' },
      '5:1: checks: is empty: a drill without checks cannot fail; add at least one',
    ],
    ['no checks at all', { checks: undefined }, '1:1: checks: is missing; must be a list of checks'],
    [
      'an empty query',
      { checks: 'checks: [{ name: a, sql: " ", expect: 1 }]' },
      '5:21: checks[0].sql: is empty; must be a query',
    ],
    [
      'a check without an expectation',
      { checks: 'checks: [{ name: a, sql: select 1 }]' },
      '5:10: checks[0].expect: is missing; must be a value, or a mapping with one of equals, min, max, between, matches, oneOf, newerThan, rows, empty, notEmpty',
    ],
    [
      'two checks with the same name',
      { checks: 'checks: [{ name: a, sql: select 1, expect: 1 }, { name: a, sql: select 2, expect: 2 }]' },
      '5:51: checks[1].name: "a" is also the name of checks[0]; names must be unique',
    ],
    [
      'a variable where none is expanded',
      { engine: 'engine: { type: postgres, database: "${DB}" }' },
      '3:27: engine.database: "${…}" is not replaced here; variables work in backup.source and its keys, engine.image and heartbeat only',
    ],
    [
      'a random backup from an empty window',
      { backup: "backup: { source: s3://acme/orders/, match: '*.dump', select: random }" },
      '2:55: backup.select: has no duration; write random and a duration, such as random 30d',
    ],
    [
      'a random backup from an invalid window',
      { backup: "backup: { source: s3://acme/orders/, match: '*.dump', select: random 30 days }" },
      '2:55: backup.select: "30 days" is not a duration; write random and a duration, such as random 30d',
    ],
    [
      'a bad cron expression',
      { schedule: 'schedule: 61 * * * *' },
      '6:1: schedule: "61 * * * *" is not a cron expression: minute "61" is out of range, 0 to 59',
    ],
    [
      'a bad time zone',
      { timezone: 'timezone: Mars/Phobos' },
      '6:1: timezone: is not a time zone; write one such as UTC or Europe/Berlin',
    ],
    [
      'a misspelled time zone',
      { timezone: 'timezone: Europe/Berln' },
      '6:1: timezone: is not a time zone; did you mean "Europe/Berlin"?',
    ],
    [
      'a city as a time zone',
      { timezone: 'timezone: new york' },
      '6:1: timezone: is not a time zone; did you mean "America/New_York"?',
    ],
    [
      'a schedule that is a number',
      { schedule: 'schedule: 5' },
      '6:1: schedule: must be a cron expression such as "30 3 * * *", or a mapping with cron or on, not 5',
    ],
    [
      'a schedule without its time',
      { schedule: 'schedule: { missed: skip }' },
      '6:1: schedule: names no time; write cron: "30 3 * * *", on: new-backup, or both',
    ],
    [
      'a mistyped key of a schedule',
      { schedule: 'schedule: { cron: "@daily", miss: skip }' },
      '6:29: schedule: "miss" is not known here; did you mean "missed"? (allowed: cron, on, poll, timezone, missed, jitter, notDuring, freeze, overdueAfter)',
    ],
    [
      'an unknown policy for missed runs',
      { schedule: 'schedule: { cron: "@daily", missed: runonce }' },
      '6:29: schedule.missed: must be run-once or skip, not "runonce"; did you mean "run-once"?',
    ],
    [
      'an event other than a new backup',
      { schedule: 'schedule: { on: new-backups }' },
      '6:13: schedule.on: must be new-backup, not "new-backups"; did you mean "new-backup"?',
    ],
    [
      'a poll interval on a schedule with times only',
      { schedule: 'schedule: { cron: "@daily", poll: 5m }' },
      '6:29: schedule.poll: needs on: new-backup',
    ],
    [
      'a poll interval that is too short',
      { schedule: 'schedule: { on: new-backup, poll: 9s }' },
      '6:29: schedule.poll: is too often; at least 10s',
    ],
    [
      'missed runs without a cron expression',
      { schedule: 'schedule: { on: new-backup, missed: skip }' },
      '6:29: schedule.missed: needs cron: a missed new backup is still there to drill',
    ],
    [
      'jitter without a cron expression',
      { schedule: 'schedule: { on: new-backup, jitter: 5m }' },
      '6:29: schedule.jitter: needs cron: new backups do not all arrive at once',
    ],
    [
      'a run that is overdue immediately',
      { schedule: 'schedule: { on: new-backup, overdueAfter: 59s }' },
      '6:29: schedule.overdueAfter: is too soon; at least 1m, as a run may wait for its turn',
    ],
    [
      'windows that block every new backup',
      { schedule: 'schedule: { on: new-backup, notDuring: [{ to: "12:00" }, { from: "12:00" }] }' },
      '6:29: schedule.notDuring: blocks every run: together these windows cover all time',
    ],
    [
      'a date that never occurs',
      { schedule: 'schedule: 0 0 30 2 *' },
      '6:1: schedule: "0 0 30 2 *" is not a cron expression: it never fires: no selected month has that day',
    ],
    [
      'two time zones',
      { schedule: 'schedule: { cron: "@daily", timezone: UTC }', timezone: 'timezone: UTC' },
      '6:29: schedule.timezone: is also set next to schedule; keep one',
    ],
    [
      'a jitter longer than the time between runs',
      { schedule: 'schedule: { cron: "@hourly", jitter: 2h }' },
      '6:30: schedule.jitter: is longer than the 1 h between two runs: they could run out of order',
    ],
    [
      'a jitter of less than a second',
      { schedule: 'schedule: { cron: "@hourly", jitter: 500ms }' },
      '6:30: schedule.jitter: is shorter than a second',
    ],
    [
      'an unknown day',
      { schedule: 'schedule: { cron: "@hourly", notDuring: { days: [mon-fry] } }' },
      '6:43: schedule.notDuring.days: "fry" is not a day of the week; did you mean "fri"? (allowed: sun, mon, tue, wed, thu, fri, sat, and ranges such as mon-fri)',
    ],
    [
      'an invalid hour',
      { schedule: 'schedule: { cron: "@hourly", notDuring: [{ from: "25:00" }] }' },
      '6:44: schedule.notDuring[0].from: must be a time of the day such as "08:00", up to "24:00", not "25:00"',
    ],
    [
      'an hour without minutes',
      { schedule: 'schedule: { cron: "@hourly", notDuring: [{ from: 8 }] }' },
      '6:44: schedule.notDuring[0].from: must be a time of the day such as "08:00", not 8',
    ],
    [
      'a window without an end or a day',
      { schedule: 'schedule: { cron: "@hourly", notDuring: {} }' },
      '6:30: schedule.notDuring: is always: no run would start; write days, from or to',
    ],
    [
      'an empty window',
      { schedule: 'schedule: { cron: "@hourly", notDuring: { from: "08:00", to: "08:00" } }' },
      '6:30: schedule.notDuring: begins and ends at once; leave from and to out for the whole day',
    ],
    [
      'windows that leave no time for a run',
      { schedule: 'schedule: { cron: "30 3 * * *", notDuring: { from: "02:00", to: "05:00" } }' },
      '6:33: schedule.notDuring: blocks every run: every time of the cron expression is in one of these windows',
    ],
    [
      'a freeze until an invalid day',
      { schedule: 'schedule: { cron: "@daily", freeze: { until: 2026-02-30 } }' },
      '6:39: schedule.freeze.until: must be a day such as 2026-12-31, or with a time such as 2026-12-31 18:00, not "2026-02-30"',
    ],
    [
      'a freeze that ends before it begins',
      { schedule: 'schedule: { cron: "@daily", freeze: [{ from: 2026-12-31, until: 2026-12-30 }] }' },
      '6:58: schedule.freeze[0].until: is not after its beginning, 2026-12-31',
    ],
    [
      'a freeze without an end',
      { schedule: 'schedule: { cron: "@daily", freeze: [{ from: 2026-12-31 }] }' },
      '6:38: schedule.freeze[0].until: is missing; must be a day such as 2026-12-31, or with a time such as 2026-12-31 18:00',
    ],
    [
      'a missing runbook',
      { runbook: 'runbook: runbooks/orders.md' },
      '6:1: runbook: the file runbooks/orders.md does not exist next to the drill file or in a directory above it',
    ],
  ])('gets a clear error for %s', async (_, changes, line) => {
    expect(await problemsOf({ 'd.yaml': drillText(changes) })).toEqual([`d.yaml:${line}`]);
  });
});

it('reports contradictions in one section along with malformed values in another', async () => {
  const changes = {
    tier: 'tier: x',
    backup: "backup: { source: backups, match: '*' }",
    objectives: 'objectives: { rto: 15m, deadline: 1m }',
  };
  expect(await problemsOf({ 'd.yaml': drillText(changes) })).toEqual([
    'd.yaml:2:11: backup.source: must be s3://BUCKET/PREFIX/, rclone:REMOTE:PATH or a directory such as ./backups; a directory begins with ./ or ../ or /',
    'd.yaml:4:25: objectives.deadline: must be at least the rto of 15 min, not 1 min: the run would be stopped before its RTO',
    'd.yaml:6:1: tier: must be a whole number from 0 to 9, not "x"',
  ]);
});

describe('a duration', () => {
  it.each([
    ['15 minutes', '"15 minutes" is not a duration; write 15m'],
    ['1 hour 30 min', '"1 hour 30 min" is not a duration; write 1h30m'],
    ['15M', '"15M" is not a duration; write 15m'],
    ['"15"', '"15" has no unit; write 15s, 15m or 15h'],
    ['15', 'must be a duration such as 90s, 15m, 26h or 7d, not 15'],
    ['0s', '"0s" is zero; a duration is longer than zero, such as 15m'],
    ['-5m', '"-5m" is negative; a duration is longer than zero, such as 15m'],
    ['4000d', '"4000d" is longer than ten years'],
    ['soon', '"soon" is not a duration; write one such as 90s, 15m, 26h or 7d'],
    ['PT15M', '"PT15M" is not a duration; write one such as 90s, 15m, 26h or 7d'],
    ['2 months', '"2 months" is not a duration; write one such as 90s, 15m, 26h or 7d'],
  ])('%s is refused with an example of what to write', async (duration, message) => {
    expect(await problemsOf({ 'd.yaml': drillText({ objectives: `objectives: { rto: ${duration} }` }) })).toEqual([
      `d.yaml:4:15: objectives.rto: ${message}`,
    ]);
  });
});

describe('an expectation that can never fail or never pass is refused', () => {
  const count = 'select count(*) from customer';
  it.each<[string, string | undefined, string]>([
    ['{ min: 0 }', count, ': cannot fail: a count is never below 0; write { min: 1 } or more'],
    [
      '{ min: 0 }',
      'SELECT COUNT(DISTINCT c.id) AS n FROM customer c WHERE id > 3',
      ': cannot fail: a count is never below 0; write { min: 1 } or more',
    ],
    ['{ notEmpty: true }', count, ': cannot fail: a count always returns one row; write { min: 1 } instead'],
    ['empty', count, ': can never pass: a count always returns one row; write { equals: 0 } instead'],
    ['{ max: -1 }', count, ': can never pass: a count is never below 0'],
    ['{ min: -.inf }', undefined, '.min: cannot fail: everything is within -Infinity'],
    ['{ max: .inf }', undefined, '.max: cannot fail: everything is within Infinity'],
    ['{ min: .inf }', undefined, '.min: can never pass: nothing is within Infinity'],
    ['{ matches: ".*" }', undefined, '.matches: cannot fail: this expression matches every text'],
    ['{ matches: "" }', undefined, '.matches: cannot fail: this expression matches every text'],
    ['{ matches: "x*" }', undefined, '.matches: cannot fail: this expression matches every text'],
    ['{ matches: "(" }', undefined, '.matches: is not a regular expression: /(/: Unterminated group'],
    ['{ between: [3, 1] }', undefined, '.between: can never pass: 3 is more than 1; write the lower one first'],
    ['{ between: [1, b] }', undefined, '.between: has a number and a text; both limits must be of one kind'],
    ['{ between: [1] }', undefined, '.between: takes two values: [low, high]'],
    ['{ oneOf: [] }', undefined, '.oneOf: can never pass: the list is empty'],
    ['{ rows: [] }', undefined, '.rows: has no row; to expect none write { empty: true }'],
    ['{ rows: [[1, 2], [3]] }', undefined, '.rows: has rows of different lengths; every row has the same columns'],
    ['{ empty: false }', undefined, '.empty: must be true, not false'],
    ['{ min: 1, max: 5 }', undefined, ': has min and max; a check expects one thing, so write a check for each'],
    [
      '{}',
      undefined,
      ': says nothing to expect (one of: equals, min, max, between, matches, oneOf, newerThan, rows, empty, notEmpty)',
    ],
    [
      '',
      undefined,
      ': has no value; must be a value, or a mapping with one of equals, min, max, between, matches, oneOf, newerThan, rows, empty, notEmpty',
    ],
    ['{ min: }', undefined, '.min: has no value; must be a number, or text such as a date'],
    ['12345678901234567890', undefined, ': is too large a number to be exact; put it in quotes'],
    ['{ equals: 12345678901234567890 }', undefined, '.equals: is too large a number to be exact; put it in quotes'],
    ['{ equals: .nan }', undefined, '.equals: must be text, a number, true, false or null, not NaN'],
  ])('%s on %s', async (expectation, sql, message) => {
    const [line, ...more] = await problemsOf({ 'd.yaml': drillExpecting(expectation, sql) });
    expect(line?.replace(/^d\.yaml:8:\d+: /, '')).toBe(`checks[0].expect${message}`);
    expect(more).toEqual([]);
  });

  it.each([
    ['{ min: 0 }', 'select sum(balance) from account'],
    ['{ min: 0 }', 'select count(*) - 5 from customer'],
    ['{ min: 0 }', 'select count(*) from customer group by country'],
    ['{ notEmpty: true }', 'select count(*) from customer having count(*) > 5'],
    ['empty', 'select id from customer where email is null'],
    ['{ matches: "^v?1" }', 'select version()'],
  ])('but not %s on %s', async (expectation, sql) => {
    expect(await problemsOf({ 'd.yaml': drillExpecting(expectation, sql) })).toEqual([]);
  });
});
