import { describe, expect, test } from 'vitest';
import { CONTROL_MAP } from '../../src/report/control-map.ts';
import { REPORT_FORMAT_KINDS } from '../../src/report/format-registry.ts';
import type { ReportInput } from '../../src/report/input.ts';
import { makeReport } from '../../src/report/make-report.ts';
import { readReport } from '../../src/report/read-report.ts';
import { renderMarkdown } from '../../src/report/render/markdown.ts';
import { renderHtml } from '../../src/report/render/render-html.ts';
import { describeCovered } from '../../src/report/render/titles.ts';
import { scheduleHash } from '../../src/schedule/schedule-hash.ts';
import { scheduleOf } from '../schedule/timetables.ts';
import { erroredRun } from '../status/facts.ts';
import { databaseFinding, discoveryOf, seriesFinding } from '../support/discoveries.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { failedRun, passedRun, runningRun } from '../support/run-records.ts';
import { drillState } from '../support/schedule-records.ts';
import {
  brokenFact,
  DAY_MS,
  daysAgo,
  failedFact,
  historyOf,
  inputOf,
  NOW,
  passedFact,
  sizedFact,
  standingOfDrill,
} from './facts.ts';

const PERIOD = { from: daysAgo(30), to: NOW, zone: 'UTC' };

test('a report without drills and runs is still a report, and says so', () => {
  const report = makeReport(inputOf({ standings: [] }));
  expect(report.headline).toStrictEqual({
    text: 'There are no drills yet: nothing is proven recoverable.',
    provenCount: 0,
    tone: 'bad',
    statements: [],
  });
  expect(report).toMatchObject({ drillCount: 0, runCount: 0, trends: [], incidents: [], coverage: { gaps: [] } });
  expect(report.attainment.all.total.rto).toStrictEqual({
    attained: 0,
    missed: 0,
    share: undefined,
    budget: { allowed: 0, spent: 0, remainingShare: undefined },
  });
  expect(report.audit.sampling).toStrictEqual({ rule: 'Every run of the period is shown.', shown: 0, of: 0 });
});

test('the verdict counts proven, failing and untested databases, and the statements name them, worst first', () => {
  const of = (drill: string) => ({ drill });
  const growing = Array.from({ length: 75 }, (_, index) => sizedFact(74.5 - index, 50e9 + index * 1.2e9, of('orders')));
  const names = ['orders', 'billing', 'shop', 'mail', 'users', 'audit'];
  const report = makeReport(
    inputOf({
      standings: names.map((name) => standingOfDrill(name)),
      histories: [
        historyOf(growing),
        historyOf([passedFact(41, 10, of('billing'))]),
        historyOf([passedFact(9, 10, of('shop')), failedFact(3, { ...of('shop'), runId: 'shop-3' })]),
        historyOf([passedFact(33, 10, of('mail')), { ...brokenFact(2), drill: 'mail' }]),
        historyOf([passedFact(2, 10, of('users'))]),
      ],
      endings: [{ runId: 'shop-3', sentences: ['recovery took 41 min, target 30 min'], error: undefined }],
    }),
  );
  expect(report.headline.text).toBe(
    '2 of 6 databases proven recoverable; 1 failing, 1 never tested, 2 without proof; 1 will miss its RTO.',
  );
  expect(report.headline.statements.map(({ text }) => text)).toEqual([
    'shop has failed since 18 November: recovery took 41 min, target 30 min',
    'audit has never been drilled',
    'mail has not been proven for 33 days: its drills break',
    'orders is 39 % slower than in the 30 days before and will miss its 30-minute RTO around 19 December 2026',
    'billing has not been drilled for 41 days',
  ]);
  expect(report.headline).toMatchObject({ provenCount: 2, tone: 'bad' });
});

test('a failure spans from its first run to the one that resolved it, whatever errored in between', () => {
  const before = failedFact(40);
  const facts = [
    failedFact(20),
    brokenFact(19),
    failedFact(18, { reasons: ['wrong-data'] }),
    passedFact(17),
    brokenFact(10, 'interrupted'),
    brokenFact(9),
    passedFact(8),
    failedFact(2),
  ];
  const { incidents } = makeReport(inputOf({ histories: [historyOf(facts, { failingSince: before })] }));
  expect(
    incidents.map(({ kind, first, last, runs, resolved }) => [kind, first.runId, last.runId, runs, resolved?.runId]),
  ).toStrictEqual(
    [
      ['failed', 'run-2', 'run-2', 1, undefined],
      ['no-verdict', 'run-19', 'run-19', 1, 'run-18'],
      ['no-verdict', 'run-10', 'run-9', 2, 'run-8'],
      ['failed', 'run-40', 'run-18', 2, 'run-17'],
    ].toSorted((a, b) => order(a) - order(b)),
  );
  expect(incidents.at(-1)).toMatchObject({ reasons: ['wrong-data', 'too-slow'], ageMs: 23 * DAY_MS });
  expect(incidents[0]?.ageMs).toBe(2 * DAY_MS);

  /** Open ones first, then newest first. */
  function order([, first, , , resolved]: (string | number | undefined)[]): number {
    return (resolved === undefined ? -1000 : 0) + Number(String(first).slice(4));
  }
});

test('failures from before the period are listed, and one that was resolved after its end was still open then', () => {
  const after = passedFact(-1);
  const report = makeReport(
    inputOf({
      histories: [
        historyOf([failedFact(1)], { nextPass: after }),
        historyOf([], { failingSince: failedFact(50, { drill: 'shop' }) }),
      ],
    }),
  );
  expect(report.incidents).toMatchObject([
    { drill: 'orders', runs: 1, resolved: undefined, ageMs: DAY_MS },
    { drill: 'shop', runs: 0, resolved: undefined, ageMs: 50 * DAY_MS },
  ]);
});

test('coverage gaps are listed with their age, worst first', () => {
  const of = (drill: string) => ({ drill });
  const report = makeReport(
    inputOf({
      standings: [
        standingOfDrill('never', {}, 'never'),
        standingOfDrill('old'),
        standingOfDrill('hand', { schedule: undefined }),
        standingOfDrill('failing', {}, 'failed'),
        standingOfDrill('briefly', {}, 'failed'),
        standingOfDrill('broken'),
        standingOfDrill('late', {}, 'overdue'),
        standingOfDrill('well'),
      ],
      histories: [
        historyOf([passedFact(41, 10, of('old'))]),
        historyOf([passedFact(1, 10, of('hand'))]),
        historyOf([failedFact(9, of('failing')), failedFact(1, of('failing'))]),
        historyOf([failedFact(1, of('briefly'))]),
        historyOf([
          passedFact(45, 10, of('broken')),
          { ...brokenFact(3), drill: 'broken' },
          { ...brokenFact(2), drill: 'broken' },
        ]),
        historyOf([passedFact(3, 10, of('late'))]),
        historyOf([passedFact(1, 10, of('well'))]),
        historyOf([passedFact(20, 10, of('gone'))]),
      ],
    }),
  );
  expect(report.coverage).toMatchObject({ drillCount: 8, coveredCount: 2 });
  expect(report.coverage.gaps.map(({ kind, drill, sentence }) => [kind, drill, sentence])).toStrictEqual([
    ['never', 'never', 'never drilled: recovery has never been tested'],
    ['failing-long', 'failing', 'failing for 9 d'],
    ['no-proof', 'broken', 'drilled 2 times without a verdict: every run errored; the last verdict is 45 d old'],
    ['not-drilled', 'old', 'not drilled for 41 d'],
    ['overdue', 'late', 'overdue as it is'],
    ['not-scheduled', 'hand', 'not scheduled: runs only when started by hand'],
    ['retired', 'gone', 'drill removed; last run 20 d ago'],
  ]);
  expect(report.coverage.gaps[3]).toMatchObject({ ageMs: 41 * DAY_MS, since: daysAgo(41), runId: 'run-41' });
});

test('a drill that is raced by a scheduled one is not reported as manual only', () => {
  const raced = { ...standingOfDrill('raced', { schedule: undefined }), racedBy: 'other' };
  const histories = [historyOf([passedFact(1, 10, { drill: 'raced' })])];
  expect(makeReport(inputOf({ standings: [raced], histories })).coverage.gaps).toEqual([]);
});

test('an unproven recovery identity is a gap, and a proven one is shown', () => {
  const recovery = (state: 'proven' | 'failed' | 'never', sentence: string) => {
    return { state, sentence, provenAt: state === 'proven' ? daysAgo(8) : undefined, runId: undefined };
  };
  const drills = ['proven', 'lost'];
  const report = makeReport(
    inputOf({
      standings: [
        { ...standingOfDrill('proven'), recovery: recovery('proven', 'proven with the recovery key on 20 Nov 2026') },
        { ...standingOfDrill('lost'), recovery: recovery('never', 'never proven with the recovery key') },
      ],
      histories: drills.map((drill) => historyOf([passedFact(1, 10, { drill })])),
    }),
  );
  expect(report.coverage).toMatchObject({
    coveredCount: 1,
    gaps: [{ kind: 'recovery-identity', drill: 'lost', sentence: 'never proven with the recovery key' }],
    recoveryIdentities: [
      { drill: 'lost', sentence: 'never proven with the recovery key' },
      { drill: 'proven', sentence: 'proven with the recovery key on 20 Nov 2026' },
    ],
  });
});

test('checks not proven since the drill changed are a gap, and every proof is shown', () => {
  const proof = (isOutdated: boolean, sentence: string, total = 6) => {
    return { isOutdated, lost: [], sentence, caught: Math.min(2, total), total, provenAt: daysAgo(8), runId: 'run-8' };
  };
  const report = makeReport(
    inputOf({
      standings: [
        { ...standingOfDrill('changed'), proof: proof(true, 'not proven since the drill changed') },
        { ...standingOfDrill('empty'), proof: proof(false, 'no damage could be tried', 0) },
        standingOfDrill('never'),
        { ...standingOfDrill('proven'), proof: proof(false, 'caught 2 of 6') },
      ],
      histories: ['changed', 'empty', 'never', 'proven'].map((drill) => historyOf([passedFact(1, 10, { drill })])),
    }),
  );
  expect(report.coverage).toMatchObject({
    coveredCount: 2,
    gaps: [
      { kind: 'checks-unproven', drill: 'changed', since: daysAgo(8), runId: 'run-8' },
      { kind: 'checks-unproven', drill: 'empty', since: daysAgo(8), runId: 'run-8' },
    ],
    proofs: [
      { drill: 'changed', sentence: 'not proven since the drill changed' },
      { drill: 'empty', sentence: 'no damage could be tried', total: 0 },
      { drill: 'never', sentence: 'checks never proven', caught: undefined },
      { drill: 'proven', sentence: 'caught 2 of 6', caught: 2, total: 6, provenAt: daysAgo(8) },
    ],
  });
});

test('a filter excludes other drills and everything about them', () => {
  const histories = ['orders', 'shop'].map((drill) => historyOf([failedFact(2, { drill })]));
  const standings = [standingOfDrill('orders'), standingOfDrill('shop', { owner: 'growth', tier: 2 })];
  const summary = (filter: object) => {
    const report = makeReport(inputOf({ histories, standings, filter }));
    return [report.drillCount, report.runCount, report.trends.map(({ drill }) => drill), report.incidents.length];
  };
  expect(summary({})).toStrictEqual([2, 2, ['orders', 'shop'], 2]);
  expect(summary({ tier: 2 })).toStrictEqual([1, 1, ['shop'], 1]);
  expect(summary({ owner: 'payments' })).toStrictEqual([1, 1, ['orders'], 1]);
  expect(summary({ owner: 'payments', tier: 2 })).toStrictEqual([0, 0, [], 0]);
});

test('each requirement names the part of the report that covers it, and the source of its text', () => {
  const clauses = CONTROL_MAP.map(({ clause }) => clause).join();
  for (const clause of [
    'A1.3',
    'CC7.5',
    'A.5.30',
    'A.8.13',
    'Article 11',
    'Article 12',
    '164.308(a)(7)(ii)(D)',
    'CP-4',
    'CP-9(1)',
  ]) {
    expect(clauses).toContain(clause);
  }
  expect(new Set(CONTROL_MAP.map(({ id }) => id)).size).toBe(CONTROL_MAP.length);
  for (const { evidence, source } of CONTROL_MAP) {
    expect(evidence.length).toBeGreaterThan(0);
    expect(source).toMatch(/^https:/);
  }
});

test('a report reads its runs from a store as complete, printable evidence, without unneeded data', async () => {
  await using store = createMemoryStore();
  const at = (days: number) => ({ startedAt: daysAgo(days), endedAt: daysAgo(days) });
  const checks = [{ name: 'rows\u001b[31m', passed: false, expected: '1', actual: 'x\u202ey', durationMs: 1 }];
  for (const run of [
    passedRun({ id: 'old', ...at(50) }),
    failedRun({ id: 'failed', ...at(4), checks }),
    passedRun({ id: 'passed', ...at(3) }),
    passedRun({ id: 'other', drill: 'gone', owner: 'growth', ...at(2) }),
  ]) {
    await store.claim({ ...run, status: 'running', verdict: undefined });
    await store.finish(run);
  }
  await store.claim(runningRun({ id: 'on', startedAt: daysAgo(1) }));
  const report = await readReport(store, [standingOfDrill()], { asOf: NOW, period: PERIOD });
  expect(report).toMatchObject({ drillCount: 1, runCount: 3 });
  expect(report.audit.runs.map(({ id }) => id)).toStrictEqual(['other', 'failed', 'passed']);
  expect(report.audit.runs[1]).not.toHaveProperty('definition');
  expect(report.audit.runs[1]).toMatchObject({
    host: 'db-host',
    backup: { etag: '"abc"' },
    sandbox: { removed: true },
  });
  expect(report.audit.runs[1]?.checks[0]).toMatchObject({ name: 'rows\\u001b[31m', actual: 'x\\u202ey' });
  expect(report.audit.teardown).toStrictEqual({ confirmed: 3, kept: 0, notConfirmed: 0 });
  expect(report.incidents[0]?.first.sentence).toContain('recovery took 41 min');
  expect(report.incidents[0]?.resolved?.runId).toBe('passed');
  const mine = await readReport(store, [standingOfDrill()], {
    asOf: NOW,
    period: PERIOD,
    filter: { owner: 'payments' },
  });
  expect(mine.runCount).toBe(2);
});

test('an intentionally kept sandbox is reported as such, and an unconfirmed removal is a warning', async () => {
  await using store = createMemoryStore();
  const { sandbox, stages } = passedRun();
  const left = sandbox && { ...sandbox, removed: false };
  const atDay = (days: number) => ({ startedAt: daysAgo(days), endedAt: daysAgo(days) });
  const kept = left && { ...left, kept: true };
  for (const run of [
    passedRun({ id: 'removed', ...atDay(4) }),
    passedRun({ id: 'kept', ...atDay(3), sandbox: kept }),
    passedRun({ id: 'leaked', ...atDay(2), sandbox: left }),
    erroredRun({ id: 'killed', ...atDay(1), status: 'interrupted', sandbox: left, stages: stages.slice(0, 2) }),
  ]) {
    await store.claim({ ...run, status: 'running', verdict: undefined });
    await store.finish(run);
  }
  const report = await readReport(store, [standingOfDrill()], { asOf: NOW, period: PERIOD });
  expect(report.audit.teardown).toStrictEqual({ confirmed: 1, kept: 1, notConfirmed: 2 });
  const html = await REPORT_FORMAT_KINDS.html.render(report, { version: '0.1.0' });
  expect(html).toContain('Cleanup was not confirmed for 2 sandboxes.');
  const told = 'cleanup confirmed for 1 of 4 sandboxes; 1 was kept on request for inspection';
  expect(html).toContain(told.slice(1));
  expect(await REPORT_FORMAT_KINDS.md.render(report, { version: '0.1.0' })).toContain(`${told.slice(1)}.`);
  const count = (text: string) => html.split(text).length - 1;
  expect([count('<dd>confirmed<'), count('kept on request for inspection, so'), count('>not confirmed<')]).toEqual([
    1, 1, 2,
  ]);
});

test('too many runs are sampled: those that started or ended a failure, and the newest', async () => {
  await using store = createMemoryStore();
  for (let index = 0; index < 40; index += 1) {
    const dates = { startedAt: daysAgo(20 - index / 4), endedAt: daysAgo(20 - index / 4) };
    const id = `run-${String(index).padStart(2, '0')}`;
    const run = index === 10 || index === 11 ? failedRun({ id, ...dates }) : passedRun({ id, ...dates });
    await store.claim({ ...run, status: 'running', verdict: undefined });
    await store.finish(run);
  }
  const options = { evidenceLimit: 5 };
  const { audit } = await readReport(store, [standingOfDrill()], { asOf: NOW, period: PERIOD, options });
  expect(audit.runs.map(({ id }) => id)).toStrictEqual(['run-10', 'run-12', 'run-39']);
  expect(audit.sampling).toMatchObject({ shown: 3, of: 40 });
  expect(audit.sampling.rule).toContain('Of 40 runs, at most 5 are shown');
});

test('the same input gives the same report, and is not modified', () => {
  const input = inputOf({
    histories: [historyOf(Array.from({ length: 40 }, (_, index) => sizedFact(40 - index, 60e9 + index * 1e8)))],
  });
  const before = structuredClone(input.histories);
  expect(makeReport(input)).toStrictEqual(makeReport(input));
  expect(input.histories).toStrictEqual(before);
});

describe('a report on a past month', () => {
  const october = { from: new Date('2026-10-01T00:00:00Z'), to: new Date('2026-11-01T00:00:00Z'), zone: 'UTC' };
  const past = (changes: Partial<ReportInput>) => makeReport(inputOf({ period: october, ...changes }));
  const known = (name: string, since: string) => ({
    ...standingOfDrill(name, { schedule: undefined }, 'never'),
    state: drillState({ drill: name, scheduledSince: new Date(since) }),
  });

  test('leaves out a drill that was first seen later, and says so', () => {
    const later = historyOf([passedFact(5, 10, { drill: 'later' })], { lastRun: undefined, lastVerdict: undefined });
    const report = past({
      histories: [historyOf([passedFact(30)]), { ...later, drill: 'later' }],
      standings: [standingOfDrill(), standingOfDrill('later'), known('planned', '2026-11-05'), standingOfDrill('new')],
    });
    expect(report).toMatchObject({ drillCount: 1, coverage: { drillCount: 1, laterCount: 3, gaps: [] } });
    expect(report.headline.text).toBe('1 of 1 database proven recoverable.');
    expect(describeCovered(report)).toBe(
      'No drill had a coverage gap. 3 drills were first seen later. The schedule at that time is not on record for any of them, so their overdue runs are not shown.',
    );
  });

  test('includes a drill that was known but had not run by then', () => {
    const report = past({ standings: [known('early', '2026-10-05')] });
    expect(report.headline.text).toBe('0 of 1 database proven recoverable; 1 never tested.');
    expect(report.coverage.gaps).toMatchObject([{ kind: 'never', drill: 'early' }]);
  });

  describe('and a drill that was scheduled', () => {
    const nightly = scheduleOf({ cron: '30 3 * * *', onNewBackup: undefined, timezone: 'UTC' });
    const scheduled = (since: string, hash = scheduleHash(nightly)) => ({
      ...standingOfDrill('orders', { schedule: nightly }),
      state: drillState({ drill: 'orders', scheduledSince: new Date(since), scheduleHash: hash }),
    });
    const lastRunOn = (day: string) => {
      const ranAt = Date.parse(`2026-10-${day}T03:30:00Z`);
      const run = passedFact(30, 10, { startedMs: ranAt, endedMs: ranAt + 60_000 });
      return [historyOf([run], { lastRun: run, lastVerdict: run, lastPass: run })];
    };

    test('is overdue at its end if its schedule already applied', () => {
      const report = past({ histories: lastRunOn('24'), standings: [scheduled('2026-10-01')] });
      expect(report.coverage.gaps).toMatchObject([
        { kind: 'overdue', sentence: 'was due 25 Oct 2026, 03:30 UTC and had not run' },
      ]);
      expect(report.coverage.scheduleUnknownCount).toBe(0);
    });

    test("is not overdue for a run that was skipped in a pause, whatever the drill's labels are now", () => {
      const [first, last] = [new Date('2026-10-25T03:30:00Z'), new Date('2026-10-31T03:30:00Z')];
      const skip = {
        drill: 'orders',
        kind: 'freeze',
        reason: 'paused',
        count: 7,
        first,
        last,
        recordedAt: last,
      } as const;
      const standings = [{ ...scheduled('2026-10-01'), skips: [skip] }];
      expect(past({ histories: lastRunOn('24'), standings }).coverage.gaps).toEqual([]);
    });

    test('is overdue in a pause that matches only its current labels', () => {
      const standing = scheduled('2026-10-01');
      const pauses = [{ from: new Date('2026-10-20'), until: new Date('2026-11-05'), reason: 'paused' }];
      const paused = { ...standing, drill: { ...standing.drill, schedule: { ...nightly, pauses } } };
      const report = past({ histories: lastRunOn('24'), standings: [paused] });
      expect(report.coverage.gaps).toMatchObject([{ kind: 'overdue' }]);
    });

    test('is compared with its schedule at the time, not the current one', () => {
      const record = { cron: '0 5 * * *', timezone: 'UTC', onNewBackup: false };
      const present = { ...record, since: new Date('2026-11-10'), knownUntil: undefined };
      const then = { ...record, cron: '15 6 * * *', since: new Date('2026-10-01'), knownUntil: new Date('2026-11-10') };
      const standing = scheduled('2026-11-10');
      const changed = { ...standing, state: { ...standing.state, schedules: [then, present] } };
      const report = past({ histories: lastRunOn('24'), standings: [changed] });
      expect(report.coverage).toMatchObject({
        scheduleUnknownCount: 0,
        gaps: [{ kind: 'overdue', sentence: 'was due 24 Oct 2026, 06:15 UTC and had not run' }],
      });
      const replaced = { ...changed.state, schedules: [{ ...then, knownUntil: new Date('2026-10-20') }, present] };
      const unknown = past({ histories: lastRunOn('24'), standings: [{ ...changed, state: replaced }] });
      expect(unknown.coverage).toMatchObject({ gaps: [], scheduleUnknownCount: 1 });
    });

    test('was manual at the time, whatever it is now', () => {
      const byHand = { cron: undefined, timezone: undefined, onNewBackup: false };
      const schedules = [{ ...byHand, since: new Date('2026-10-05'), knownUntil: new Date('2026-11-10') }];
      const standing = scheduled('2026-11-10');
      const report = past({
        histories: lastRunOn('24'),
        standings: [{ ...standing, state: { ...standing.state, schedules } }],
      });
      expect(report.coverage).toMatchObject({
        scheduleUnknownCount: 0,
        gaps: [{ kind: 'not-scheduled', sentence: 'by hand only: nothing drilled it by itself' }],
      });
    });

    test('is not overdue when it ran on time', () => {
      const report = past({ histories: lastRunOn('31'), standings: [scheduled('2026-10-01')] });
      expect(report.coverage).toMatchObject({ gaps: [], scheduleUnknownCount: 0 });
    });

    test.each([
      ['was first seen later', scheduled('2026-11-05')],
      ['was changed while no scheduler ran', scheduled('2026-10-01', 'another')],
    ])('is not judged if its schedule %s, and the report says so', (_what, standing) => {
      const report = past({ histories: lastRunOn('24'), standings: [standing] });
      expect(report.coverage).toMatchObject({ gaps: [], scheduleUnknownCount: 1 });
      expect(describeCovered(report)).toContain('The schedule at that time is not on record');
    });
  });

  test('says that a drill was failing at its end, even if repaired or removed since', () => {
    const failed = failedFact(25);
    const report = past({ histories: [historyOf([failed], { nextPass: passedFact(3), lastVerdict: failed })] });
    expect(report).toMatchObject({ drillCount: 1, headline: { provenCount: 0 } });
    expect(report.headline.text).toBe('0 of 1 database proven recoverable; 1 failing.');
    expect(report.headline.statements[0]?.text).toMatch(/^orders has failed since 27 October: /);
    expect(report.incidents).toMatchObject([{ resolved: undefined, ageMs: 5 * DAY_MS }]);
    expect(report.coverage.gaps).toMatchObject([{ kind: 'failing-long', ageMs: 5 * DAY_MS }]);
  });

  test('does not mention the current state of a drill', () => {
    const standings = [standingOfDrill('orders', { schedule: undefined }, 'overdue')];
    expect(past({ histories: [historyOf([passedFact(30)])], standings }).coverage.gaps).toEqual([]);
  });
});

test.each([
  [{ tier: 7 }, 'No drill matches tier 7.'],
  [{ owner: 'nobody' }, 'No drill matches owner nobody.'],
  [{ tier: 1, owner: 'nobody' }, 'No drill matches tier 1, owner nobody.'],
])('a filter that matches nothing is reported: %j', (filter, sentence) => {
  const report = makeReport(
    inputOf({ histories: [historyOf([passedFact(3)])], standings: [standingOfDrill()], filter }),
  );
  expect(report.headline).toMatchObject({ text: sentence, tone: 'warn' });
  expect(describeCovered(report)).toBe(sentence);
});

test('lists what the last discovery found uncovered, unless the period is past or a filter is set', async () => {
  await using store = createMemoryStore();
  await store.saveDiscovery(
    discoveryOf([seriesFinding({ match: 'crm\u001b[31m' }), databaseFinding({ state: 'covered' })]),
  );
  const read = (changes: object) => readReport(store, [standingOfDrill()], { asOf: NOW, period: PERIOD, ...changes });
  const report = await read({});
  expect(report.discovery).toMatchObject({
    sentence: '1 series of backups is not covered by any drill',
    gaps: [{ kind: 'series', name: 'crm\\u001b[31m', state: 'not-covered', where: 's3://acme/' }],
  });
  expect(renderMarkdown(report, { version: '1' })).toContain('1 series of backups is not covered by any drill');
  expect(String(renderHtml(report, { version: '1' }))).toContain('Backups and databases that no drill covers');
  expect((await read({ filter: { owner: 'payments' } })).discovery).toBeUndefined();
  const past = { from: daysAgo(90), to: daysAgo(60), zone: 'UTC' };
  expect((await read({ period: past })).discovery).toBeUndefined();
});
