import { describe, expect, it } from 'vitest';
import type { RunRecord, Trigger } from '../../src/record/run-record.ts';
import { LIST_RUN_LIMIT, type StandingFacts } from '../../src/status/standing-facts.ts';
import { standingOf, standingOfBrokenFile } from '../../src/status/standing-of.ts';
import { scheduleOf } from '../schedule/timetables.ts';
import { failedRun, NOON, passedRun, runningRun, stageOf } from '../support/run-records.ts';
import { atHour, drillOf, erroredRun, goingOn, seenBackup, stateOfDrill } from './facts.ts';

const now = atHour(9);
const nightly = drillOf({ schedule: scheduleOf({ cron: '30 3 * * *', onNewBackup: undefined }) });
const scheduled: Trigger = { kind: 'schedule', dueAt: NOON, attempt: 1 };
const late = 'recovery took 41 min, target 15 min (26 min over)';

function standing(facts: Partial<StandingFacts>, drill = drillOf(), at = now) {
  return standingOf(drill, { runs: [], state: undefined, ...facts }, at);
}
function sentenceOf(...runs: RunRecord[]): string {
  return standing({ runs }).sentence;
}

describe('a drill with runs', () => {
  it('says its state in words, for how many runs, and why', () => {
    expect(sentenceOf(passedRun())).toBe('recoverable');
    expect(sentenceOf(passedRun({ warnings: ['tight'] }))).toBe('recoverable, but tight');
    expect(sentenceOf(failedRun())).toBe(`failed: ${late}`);
    expect(sentenceOf(failedRun(), failedRun(), failedRun(), passedRun())).toBe(`failing for 3 runs: ${late}`);
    const many = Array.from({ length: LIST_RUN_LIMIT }, () => failedRun());
    expect(sentenceOf(...many)).toBe(`failing for ${LIST_RUN_LIMIT} runs or more: ${late}`);
    expect(sentenceOf(erroredRun(), erroredRun(), passedRun())).toBe(
      'erroring for 2 runs: image-missing: no image postgres:17',
    );
  });

  it('names its owner, since when it has its state, and the run that the state is from', () => {
    const runs = [
      failedRun({ id: 'newest', startedAt: atHour(8) }),
      failedRun({ startedAt: atHour(-16) }),
      passedRun({ startedAt: atHour(-40) }),
    ];
    expect(standing({ runs })).toStrictEqual({
      drill: 'orders',
      owner: 'payments',
      tier: 1,
      state: 'failed',
      sentence: `failing for 2 runs: ${late}`,
      fingerprint: 'failed:too-slow',
      since: atHour(-16),
      runId: 'newest',
      isFailing: true,
      isProvisional: false,
    });
  });

  it('changes its state when it fails for other reasons, in any order, or errors with another code', () => {
    const failing = (...reasons: ('wrong-data' | 'too-slow')[]) =>
      failedRun({ reasons: reasons.map((reason) => ({ reason, sentence: reason, hint: undefined })) });
    expect(standing({ runs: [failing('wrong-data', 'too-slow')] }).fingerprint).toBe('failed:too-slow,wrong-data');
    expect(standing({ runs: [failing('too-slow', 'wrong-data')] }).fingerprint).toBe('failed:too-slow,wrong-data');
    expect(standing({ runs: [failing('wrong-data')] }).fingerprint).toBe('failed:wrong-data');
    expect(standing({ runs: [erroredRun()] }).fingerprint).toBe('errored:image-missing');
    expect(standing({ runs: [passedRun()] }).fingerprint).toBe('passed');
  });

  it('in progress shows how far it is and its previous state, and sends nothing', () => {
    const going = goingOn(now, { stages: [stageOf('locate', 1)] });
    expect(standing({ runs: [going, failedRun()] })).toMatchObject({
      state: 'running',
      sentence: 'running, past locate; before that failed 9 h ago',
      isProvisional: true,
    });
    expect(standing({ runs: [goingOn(now)] }).sentence).toBe('running; its first run');
  });

  it('is not in progress any more when its process has not sent a heartbeat since the lease ended', () => {
    expect(standing({ runs: [runningRun(), passedRun()] })).toMatchObject({
      state: 'interrupted',
      sentence: 'interrupted: the process that ran it has not renewed its lease, which ended on 21 Nov 2026, 12:02 UTC',
      isProvisional: false,
    });
  });
});

describe('a failing drill', () => {
  const failing = [
    failedRun({ id: 'newest', startedAt: atHour(-16) }),
    failedRun({ startedAt: atHour(-40) }),
    passedRun({ startedAt: atHour(-64) }),
  ];
  const canceled = erroredRun({
    status: 'interrupted',
    endedBy: 'user',
    canceledBy: 'bob (web)',
    error: { code: 'stopped', stage: 'restore', message: 'canceled by bob (web)', hint: undefined, details: [] },
  });
  const since = 'failed since 19 Nov 2026, 20:00 UTC';

  it.for([
    ['a person canceled', [canceled], `${since}: ${late}; last attempt canceled by bob (web)`],
    ['errored', [erroredRun()], `${since}: ${late}; last attempt errored: image-missing: no image postgres:17`],
    ['was cut off', [runningRun()], `${since}: ${late}; last attempt interrupted: the process`],
  ] as const)('remains failing after an attempt that %s', ([, attempts, sentence]) => {
    const found = standing({ runs: [...attempts, ...failing] });
    expect(found).toMatchObject({
      state: 'failed',
      fingerprint: 'failed:too-slow',
      since: atHour(-40),
      runId: 'newest',
      isFailing: true,
      isProvisional: false,
    });
    expect(found.sentence.startsWith(sentence)).toBe(true);
  });

  it('remains failing however many attempts have no verdict', () => {
    const runs = Array.from({ length: LIST_RUN_LIMIT }, () => erroredRun());
    const lastVerdict = failedRun({ id: 'long ago', startedAt: atHour(-400) });
    expect(standing({ runs, lastVerdict })).toMatchObject({ state: 'failed', runId: 'long ago', since: atHour(-400) });
    expect(standing({ runs, lastVerdict: passedRun() }).state).toBe('errored');
  });

  it('counts failed runs across attempts without a verdict, until one passes', () => {
    expect(sentenceOf(failedRun(), canceled, failedRun(), erroredRun(), failedRun(), passedRun())).toBe(
      `failing for 3 runs: ${late}`,
    );
    expect(standing({ runs: [passedRun(), canceled, ...failing] }).state).toBe('passed');
  });

  it('is known as failing while its next run is in progress', () => {
    const going = goingOn(now, { stages: [] });
    expect(standing({ runs: [going, canceled, ...failing] })).toMatchObject({
      state: 'running',
      isFailing: true,
      sentence: 'running; before that failed 25 h ago',
    });
  });
});

describe('a drill that errored or was cut off', () => {
  const ended = (changes: Partial<RunRecord>) => erroredRun({ trigger: scheduled, ...changes });
  const isProvisional = (run: RunRecord, at = atHour(0.5)) => standing({ runs: [run] }, drillOf(), at).isProvisional;

  it('is not reported while a retry is pending', () => {
    expect(isProvisional(ended({}))).toBe(true);
    expect(isProvisional(ended({ status: 'interrupted' }))).toBe(true);
    expect(isProvisional(ended({ trigger: { ...scheduled, kind: 'new-backup' } }))).toBe(true);
  });

  it('is reported when the retry does not come within an hour, was made, or is not the scheduler’s', () => {
    expect(isProvisional(ended({}), atHour(1))).toBe(true);
    expect(isProvisional(ended({}), atHour(1.1))).toBe(false);
    expect(isProvisional(ended({ trigger: { ...scheduled, attempt: 2 } }))).toBe(false);
    expect(isProvisional(ended({ trigger: { ...scheduled, kind: 'hand' } }))).toBe(false);
    expect(isProvisional(failedRun({ trigger: scheduled }))).toBe(false);
  });

  it('is reported when it was killed, but not when a user canceled it and it ended normally', () => {
    const stopped = runningRun({ status: 'interrupted', endedAt: NOON });
    expect(isProvisional({ ...stopped, endedBy: 'user' }, now)).toBe(true);
    expect(isProvisional({ ...stopped, endedBy: 'shutdown' }, now)).toBe(true);
    expect(isProvisional({ ...stopped, endedBy: 'shutdown', trigger: scheduled }, now)).toBe(false);
    expect(isProvisional({ ...stopped, endedBy: 'process-lost' }, now)).toBe(false);
    expect(isProvisional(stopped, now)).toBe(false);
  });
});

describe('a drill that was never drilled', () => {
  it('says so', () => {
    expect(standing({})).toMatchObject({
      state: 'never',
      fingerprint: 'never',
      sentence: 'never drilled: recovery has never been tested',
      since: undefined,
      runId: undefined,
    });
  });

  it('says when it should have been drilled, once that time has passed', () => {
    const state = stateOfDrill({ scheduledSince: atHour(-24) });
    expect(standing({ state }, nightly)).toMatchObject({
      state: 'never',
      fingerprint: 'never:overdue',
      sentence:
        'never drilled: recovery has never been tested; was due 21 Nov 2026, 03:30 UTC, 17 h ago; nothing started it: is the scheduler running?',
    });
    expect(standing({ state: stateOfDrill({ scheduledSince: NOON }) }, nightly).fingerprint).toBe('never');
  });
});

describe('a drill that is overdue', () => {
  const overdueAt = atHour(24);

  it('is overdue whether it passed, errored or was cut off before, with that as a detail', () => {
    for (const run of [passedRun(), erroredRun({ trigger: scheduled }), runningRun()])
      expect(standing({ runs: [run] }, nightly, overdueAt)).toMatchObject({
        state: 'overdue',
        fingerprint: 'overdue',
        since: new Date('2026-11-22T03:30:00Z'),
        runId: undefined,
        isProvisional: false,
      });
    expect(standing({ runs: [passedRun()] }, nightly, overdueAt).sentence).toBe(
      'overdue: was due 22 Nov 2026, 03:30 UTC, 8 h ago; nothing started it: is the scheduler running? (last run: passed, 24 h ago)',
    );
  });

  it('stays failed when it failed, and also says since when it is overdue', () => {
    expect(standing({ runs: [failedRun()] }, nightly, overdueAt)).toMatchObject({
      state: 'failed',
      fingerprint: 'failed:too-slow',
      sentence: `failed: ${late}; and overdue since 22 Nov 2026, 03:30 UTC`,
    });
  });

  it('is running once it runs', () => {
    expect(standing({ runs: [goingOn(overdueAt), passedRun()] }, nightly, overdueAt).state).toBe('running');
  });
});

describe('a drill whose backups stopped coming', () => {
  const state = stateOfDrill({ newestBackup: seenBackup({ seenAt: atHour(18) }) });

  it('says so even if its last run passed, with the key, its age and the objective', () => {
    expect(standing({ state, runs: [passedRun()] }, drillOf(), atHour(19))).toMatchObject({
      state: 'no-new-backup',
      fingerprint: 'no-new-backup',
      since: atHour(17),
      sentence:
        'no new backup: orders-2026-11-21.dump is the newest, taken 28 h ago, objective 26 h (last run: passed, 19 h ago)',
    });
  });

  it('stays failed or never drilled', () => {
    expect(standing({ state, runs: [failedRun()] }, drillOf(), atHour(19)).state).toBe('failed');
    expect(standing({ state }, drillOf(), atHour(19)).state).toBe('never');
  });
});

describe('a drill whose file is broken', () => {
  const broken = { problem: 'drills/orders.yaml:3:1: checks: is \u001b[2J missing', since: NOON };

  it('says what is wrong and that the last valid configuration is in use', () => {
    expect(standing({ problem: broken, runs: [passedRun()] })).toMatchObject({
      state: 'broken',
      fingerprint: 'broken',
      since: NOON,
      sentence:
        'drill file is invalid: drills/orders.yaml:3:1: checks: is \\u001b[2J missing; the last valid configuration is still used; last run: passed, 9 h ago',
    });
  });

  it('says what is wrong even if there is no valid configuration', () => {
    expect(standingOfBrokenFile('file:drills/orders.yaml', broken)).toMatchObject({
      drill: 'file:drills/orders.yaml',
      state: 'broken',
      sentence: 'drill file is invalid: drills/orders.yaml:3:1: checks: is \\u001b[2J missing',
      since: NOON,
    });
  });
});
