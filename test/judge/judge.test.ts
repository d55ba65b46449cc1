import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge } from '../../src/judge/judge.ts';
import type { JudgeInput } from '../../src/judge/judgement.ts';
import type { CheckRecord } from '../../src/record/check-record.ts';
import type { ProtectionRecord, StageRecord } from '../../src/record/run-record.ts';
import { DrillError, ERROR_CODES, reasonOf } from '../../src/support/errors.ts';
import { COUNTABLE_STAGES, STAGES } from '../../src/support/vocabulary.ts';
import { NOON, stageOf } from '../support/run-records.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function check(name: string, passed: boolean): CheckRecord {
  return { name, passed, expected: 'at least 599', actual: passed ? '599' : '598', durationMs: 5 };
}

function input(changes: Partial<JudgeInput> = {}): JudgeInput {
  return {
    drill: 'orders',
    drillFile: '/srv/drills/orders.yaml',
    runId: '20261121-120000-abcdef',
    objectives: {
      rtoMs: 15 * MINUTE,
      rpoMs: 26 * HOUR,
      warnAtRatio: 0.8,
      counts: ['locate', 'plan', 'provision', 'restore', 'verify'],
      deadlineMs: HOUR,
    },
    stages: [
      stageOf('locate', 2000),
      stageOf('plan', 1000),
      stageOf('image-pull', 40_000),
      stageOf('provision', 2000),
      stageOf('restore', 182_000),
      stageOf('verify', 65_000),
    ],
    checks: [check('customers', true)],
    checksPlanned: 1,
    startedAt: NOON,
    takenAt: new Date(NOON.getTime() - 9 * HOUR),
    newestTakenAt: undefined,
    sizeBytes: 8_754_200_000,
    load: { errorCount: 0, errors: [], ignoredCount: 0 },
    error: undefined,
    ...changes,
  };
}

describe('data loss with a log archive', () => {
  const old = { ...takenBefore(30 * HOUR), newestTakenAt: undefined };

  test('is measured from the last transaction before a gap, without claims about what the archive has after it', () => {
    const error = new DrillError('log-incomplete', 'the log lacks a segment');
    const { reasons } = judge(
      input({ error, load: undefined, recoverableUntil: new Date(NOON.getTime() - 27 * HOUR) }),
    );
    expect(reasons.map(({ reason, sentence, hint }) => [reason, sentence, hint])).toEqual([
      ['stale-backup', 'newest transaction that can be recovered is 27 h old, RPO 26 h (1 h over)', undefined],
      ['unrestorable', 'the log lacks a segment', undefined],
    ]);
  });

  test('is measured from the last transaction in the archive, not from the backup', () => {
    expect(judge(input({ ...old, recoverableUntil: new Date(NOON.getTime() - HOUR) }))).toMatchObject({
      verdict: 'passed',
      dataLossMs: HOUR,
    });
    const { reasons } = judge(input({ recoverableUntil: new Date(NOON.getTime() - 27 * HOUR) }));
    expect(reasons).toMatchObject([
      { reason: 'stale-backup', sentence: 'newest transaction in the log archive is 27 h old, RPO 26 h (1 h over)' },
    ]);
  });

  test('names the last segment of an archive that stopped', () => {
    const recoverableUntil = new Date(NOON.getTime() - 27 * HOUR);
    const { reasons } = judge(input({ recoverableUntil, logEndsWith: '000000010000000000000007' }));
    expect(reasons[0]?.sentence).toMatch(/RPO 26 h \(1 h over\); the archive ends with 000000010000000000000007$/);
  });

  test('names that segment if the archive has no transaction since the backup', () => {
    const taken = new Date(NOON.getTime() - 27 * HOUR);
    const { reasons } = judge(input({ takenAt: taken, newestTakenAt: taken, logEndsWith: '000000010000000000000007' }));
    expect(reasons[0]?.sentence).toBe(
      'no transaction in the log archive since the newest backup, which is 27 h old, RPO 26 h (1 h over); the archive ends with 000000010000000000000007',
    );
  });

  test('is not judged if recovery stopped before the end of the log', () => {
    const judgement = judge(input({ ...old, recoverableUntil: 'unknown' }));
    expect(judgement).toMatchObject({ verdict: 'passed', dataLossMs: undefined });
  });
});

describe('a backup that states an earlier date than its own', () => {
  const stated = (hours: number): Partial<JudgeInput> => ({
    load: {
      ...{ errorCount: 0, errors: [], ignoredCount: 0 },
      stated: { text: '11 Nov 2026, 02:00 (its own clock)', atLatest: new Date(NOON.getTime() - hours * HOUR) },
    },
  });
  const warned = (changes: Partial<JudgeInput>): number => judge(input(changes)).warnings.length;

  test('causes a warning if the stated date misses the RPO', () => {
    const judgement = judge(input(stated(240)));
    expect(judgement).toMatchObject({ verdict: 'passed', dataLossMs: 9 * HOUR });
    expect(judgement.warnings).toEqual([expect.stringContaining('made 11 Nov 2026, 02:00 (its own clock), though')]);
    expect([warned(stated(20)), warned(stated(3))]).toEqual([0, 0]);
  });

  test('causes no warning for a newer backup that was not drilled, or when a log was replayed onto it', () => {
    expect(warned({ ...stated(240), newestTakenAt: new Date(NOON.getTime() - HOUR) })).toBe(0);
    expect(warned({ ...stated(240), recoverableUntil: new Date(NOON.getTime() - 2 * HOUR) })).toBe(0);
  });
});

test('a log archive that stopped is a warning if recovery does not go to its end', () => {
  const logStoredAt = new Date(NOON.getTime() - 27 * HOUR);
  const stopped = { recoverableUntil: 'unknown', logEndsWith: '000000010000000000000007' } as const;
  const judgement = judge(input({ ...stopped, logStoredAt }));
  expect(judgement).toMatchObject({ verdict: 'passed', dataLossMs: undefined });
  expect(judgement.warnings).toEqual([
    'the log archive ends with 000000010000000000000007, stored 27 h before this drill began (RPO 26 h): check that the server still archives its log',
  ]);
  expect(judge(input({ ...stopped, logStoredAt: new Date(NOON.getTime() - 26 * HOUR) })).warnings).toEqual([]);
  expect(judge(input(stopped)).warnings).toEqual([]);
});

function withRestore(durationMs: number): Partial<JudgeInput> {
  return {
    stages: [
      stageOf('locate', 0),
      stageOf('plan', 0),
      stageOf('provision', 0),
      stageOf('restore', durationMs),
      stageOf('verify', 0),
    ],
  };
}

function takenBefore(ageMs: number): Partial<JudgeInput> {
  return { takenAt: new Date(NOON.getTime() - ageMs) };
}

describe('the amount read', () => {
  const read = (bytes: number, amount: number) => ({
    planned: { bytes: 1, requests: 1, cost: undefined },
    actual: { bytes, requests: 1, cost: { amount, currency: 'USD' } },
  });

  test.each([
    [{ readBytes: 1e9, cost: undefined }, read(2e9, 0), ['2.00 GB were read, over the budget of 1.00 GB']],
    [
      { readBytes: undefined, cost: { amount: 1, currency: 'USD' } },
      read(2e9, 1.8),
      ['reading cost 1.80 USD, over the budget of 1.00 USD'],
    ],
    [{ readBytes: 2e9, cost: { amount: 1.8, currency: 'USD' } }, read(2e9, 1.8), []],
    [undefined, read(2e9, 1.8), []],
  ])('causes a warning if over the budget %j', (budget, reading, warnings) => {
    expect(judge(input({ budget, reading })).warnings).toEqual(warnings);
  });
});

describe('the protection of the backup', () => {
  const protection = (
    answer: ProtectionRecord['answer'],
    onFinding: ProtectionRecord['onFinding'],
  ): ProtectionRecord => ({
    answer,
    onFinding,
    requiredMs: 30 * 24 * HOUR,
    mode: undefined,
    lockedUntil: undefined,
    legalHold: false,
    versioning: undefined,
    findings: answer === 'protected' ? [] : ['no object lock is set on it'],
    notes: [],
    probe: undefined,
  });

  test('fails an otherwise good run if the drill says so', () => {
    const { verdict, reasons } = judge(input({ protection: protection('unprotected', 'fail') }));
    expect(verdict).toBe('failed');
    expect(reasons).toMatchObject([
      { reason: 'unprotected', sentence: expect.stringContaining('no object lock is set') },
    ]);
  });

  test.each([
    ['unprotected', 'warn', ['the backup is not protected from deletion: no object lock is set on it']],
    ['unknown', 'warn', ['the backup is not proven protected from deletion: no object lock is set on it']],
    ['unsupported', 'warn', ['the backup is not proven protected from deletion: no object lock is set on it']],
    ['protected', 'fail', []],
  ] as const)('that is %s, with %s, leaves a pass with the warnings %j', (answer, onFinding, warnings) => {
    expect(judge(input({ protection: protection(answer, onFinding) }))).toMatchObject({ verdict: 'passed', warnings });
  });
});

describe('a pass', () => {
  test('shows target, actual, headroom, slowest stage, rate and age of the data', () => {
    expect(judge(input())).toStrictEqual({
      verdict: 'passed',
      reasons: [],
      warnings: [],
      recoveryTimeMs: 252_000,
      dataLossMs: 9 * HOUR,
      sentence:
        'PASSED orders: recovered in 4 min 12 s (RTO 15 min, 72 % headroom), slowest restore 3 min 2 s at 48.1 MB/s; backup 9 h old (RPO 26 h)',
    });
  });

  test('of an older backup says so, and compares the newest one with the RPO', () => {
    const newestTakenAt = new Date(NOON.getTime() - 9 * HOUR);
    const judgement = judge(input({ ...takenBefore(12 * 24 * HOUR + HOUR), newestTakenAt }));
    expect(judgement).toMatchObject({ verdict: 'passed', dataLossMs: 9 * HOUR, warnings: [] });
    expect(judgement.sentence).toMatch(/; backup 9 h old \(RPO 26 h\) \(drilled one of 12 d ago\)$/);
    const soon = judge(input({ ...takenBefore(12 * 24 * HOUR), newestTakenAt: new Date(NOON.getTime() - 25 * HOUR) }));
    expect(soon.warnings).toStrictEqual([
      'the newest backup is 25 h old, 96 % of the RPO of 26 h (warning threshold 80 %)',
    ]);
  });

  test('without an RPO shows only the age, and the rate separately when another stage is slowest', () => {
    const objectives = { ...input().objectives, rpoMs: undefined };
    const stages = [
      stageOf('locate', 0),
      stageOf('plan', 0),
      stageOf('provision', 9000),
      stageOf('restore', 1000),
      stageOf('verify', 0),
    ];
    expect(judge(input({ objectives, stages, sizeBytes: 5_000_000 })).sentence).toBe(
      'PASSED orders: recovered in 10.0 s (RTO 15 min, 98 % headroom), slowest provision 9.0 s, restore at 5.00 MB/s; backup 9 h old',
    );
  });

  test('includes results exactly at the targets', () => {
    const judgement = judge(input({ ...withRestore(15 * MINUTE), ...takenBefore(26 * HOUR) }));
    expect(judgement.verdict).toBe('passed');
    expect(judgement.warnings).toStrictEqual([
      'recovery took 15 min, 100 % of the RTO of 15 min (warning threshold 80 %)',
      'the backup is 26 h old, 100 % of the RPO of 26 h (warning threshold 80 %)',
    ]);
  });

  test('warns from warnAt on, but not below', () => {
    expect(judge(input(withRestore(12 * MINUTE))).warnings).toHaveLength(1);
    expect(judge(input(withRestore(12 * MINUTE - 1))).warnings).toHaveLength(0);
  });

  test('excludes stages that the objectives exclude', () => {
    const stages = [...input().stages, stageOf('teardown', HOUR)];
    expect(judge(input({ stages })).recoveryTimeMs).toBe(252_000);
  });

  test('includes warnings of the restore and about the clock', () => {
    const load = { errorCount: 0, errors: [], ignoredCount: 2 };
    expect(judge(input({ load, ...takenBefore(-3 * HOUR) }))).toMatchObject({
      verdict: 'passed',
      dataLossMs: 0,
      warnings: [
        'the backup says that it was taken 3 h after this drill began: compare the clocks and the time zone in its name',
        '2 errors while restoring matched restore.ignoreErrors',
      ],
    });
  });
});

describe('a failure', () => {
  test('for slowness shows by how much and in which stage', () => {
    const judgement = judge(
      input({ objectives: { ...input().objectives, rtoMs: 30 * MINUTE }, ...withRestore(41 * MINUTE + 3000) }),
    );
    expect(judgement.reasons.map(({ reason, sentence }) => [reason, sentence])).toStrictEqual([
      ['too-slow', 'recovery took 41 min 3 s, target 30 min (11 min 3 s over); slowest: restore 41 min 3 s'],
    ]);
    expect(judgement.sentence).toBe(`FAILED orders: ${judgement.reasons[0]?.sentence}`);
    expect(judge(input(withRestore(15 * MINUTE + 1))).verdict).toBe('failed');
  });

  test.each([
    [12 * MINUTE, /^A real recovery would not be held/],
    [11 * MINUTE, /^Compare the stages with earlier runs/],
  ])('for slowness blames throttling of its source only if that can have made it late: %j ms', (ms, hint) => {
    const share = { of: 's3://acme/', limitBytesPerSecond: 1e8, bytesPerSecond: 5e7 };
    const reading = {
      planned: { bytes: 1e9, requests: undefined, cost: undefined },
      actual: undefined,
      held: { ...share, ms },
    };
    const objectives = { ...input().objectives, rtoMs: 30 * MINUTE };
    const { reasons } = judge(input({ objectives, reading, ...withRestore(41 * MINUTE + 3000) }));
    expect(reasons).toMatchObject([
      { sentence: expect.stringMatching(/; reading was held for 1\d min /), hint: expect.stringMatching(hint) },
    ]);
  });

  test('for staleness shows the age and the objective', () => {
    expect(judge(input(takenBefore(31 * HOUR))).reasons).toMatchObject([
      { reason: 'stale-backup', sentence: 'newest backup is 31 h old, RPO 26 h (5 h over)' },
    ]);
  });

  test('for staleness depends on the newest backup, whichever was drilled', () => {
    const newestTakenAt = new Date(NOON.getTime() - 31 * HOUR);
    const judgement = judge(input({ ...takenBefore(12 * 24 * HOUR), newestTakenAt }));
    expect(judgement.sentence).toBe(
      'FAILED orders: newest backup is 31 h old, RPO 26 h (5 h over) (drilled one of 12 d ago)',
    );
  });

  test('for wrong data names the first three checks and counts the rest', () => {
    const checks = [check('a', false), check('b', true), check('c', false), check('d', false), check('e', false)];
    expect(judge(input({ checks, checksPlanned: 5 })).reasons).toMatchObject([
      {
        reason: 'wrong-data',
        sentence:
          '4 of 5 checks failed: a: expected at least 599, got 598; c: expected at least 599, got 598; d: expected at least 599, got 598 (and 1 more)',
      },
    ]);
  });

  test('for wrong data shows instants in the same format as the pages', () => {
    const found = {
      ...check('newest order', false),
      expected: 'at most 1 h older than the backup of 2026-11-21T03:00:00.000Z',
      actual: '2026-11-20T03:00:07.000Z, 23 h 59 min older',
    };
    const [reason] = judge(input({ checks: [found], checksPlanned: 1 })).reasons;
    expect(reason?.sentence).toBe(
      'the only check failed: newest order: expected at most 1 h older than the backup of 21 Nov 2026, 03:00 UTC, got 20 Nov 2026, 03:00:07 UTC, 23 h 59 min older',
    );
  });

  test('follows from restore errors even when every check passed', () => {
    const load = { errorCount: 3, errors: ['relation "x" exists\u001b[2J', 'b', 'c'], ignoredCount: 0 };
    expect(judge(input({ load })).reasons).toMatchObject([
      { reason: 'unrestorable', sentence: '3 errors while restoring: relation "x" exists\\u001b[2J (and 2 more)' },
    ]);
  });

  test('shows all reasons in order of importance', () => {
    const judgement = judge(input({ ...withRestore(HOUR), ...takenBefore(31 * HOUR), checks: [check('a', false)] }));
    expect(judgement.reasons.map(({ reason }) => reason)).toStrictEqual(['stale-backup', 'wrong-data', 'too-slow']);
    expect(judgement.recoveryTimeMs).toBe(HOUR);
  });

  test('follows from an error about the backup, even if stages are missing', () => {
    const error = new DrillError('backup-truncated', 'orders.dump ends after 5 of 9 bytes', {
      hint: 'Look at the job.',
    });
    const judgement = judge(input({ error, stages: [stageOf('locate', 1)], checks: [], load: undefined }));
    expect(judgement).toMatchObject({
      verdict: 'failed',
      recoveryTimeMs: undefined,
      sentence: 'FAILED orders: orders.dump ends after 5 of 9 bytes',
    });
    expect(judgement.reasons).toStrictEqual([
      { reason: 'unrestorable', sentence: 'orders.dump ends after 5 of 9 bytes', hint: 'Look at the job.' },
    ]);
  });

  test('follows from a missing backup even if there is nothing to measure', () => {
    const error = new DrillError('backup-missing', 'no backup matches');
    const judgement = judge(
      input({ error, stages: [], checks: [], load: undefined, takenAt: undefined, sizeBytes: undefined }),
    );
    expect(judgement).toMatchObject({
      verdict: 'failed',
      dataLossMs: undefined,
      reasons: [{ reason: 'missing-backup' }],
    });
  });

  test('at the deadline shows how far it got, once', () => {
    const message =
      'stopped at its deadline of 1 h during restore; 35 % done, 1.2 GB of 3.4 GB read; the target is 15 min';
    expect(judge(input({ error: new DrillError('too-slow', message) })).reasons).toEqual([
      { reason: 'too-slow', sentence: message, hint: undefined },
    ]);
  });
});

describe('no verdict', () => {
  test.each([
    ['no check', { checks: [], checksPlanned: 0 }],
    ['a check without a result', { checksPlanned: 2 }],
    ['more results than checks', { checks: [check('a', true), check('b', true)] }],
    ['a missing stage', { stages: input().stages.slice(1) }],
    ['no stages', { stages: [] }],
    ['an errored stage', { stages: [...input().stages, stageOf('verify', 1, 'errored')] }],
    ['a failed stage without an explanation', { stages: [...input().stages, stageOf('provision', 1, 'failed')] }],
    ['a restore without an outcome', { load: undefined }],
    ['an unknown age', { takenAt: undefined }],
  ] satisfies [string, Partial<JudgeInput>][])('results from %s', (_, changes) => {
    expect(judge(input(changes))).toMatchObject({ verdict: undefined, reasons: [] });
    expect(judge(input(changes)).sentence).toMatch(/^ERRORED orders: internal: /);
  });

  test('results from an error unrelated to the backup, whatever else was wrong', () => {
    const error = new DrillError('image-missing', 'no image postgres:17');
    const judgement = judge(input({ error, checks: [check('a', false)] }));
    expect(judgement).toMatchObject({
      verdict: undefined,
      reasons: [],
      sentence: 'ERRORED orders: image-missing: no image postgres:17',
    });
    const interrupted = new DrillError('interrupted', 'given up');
    expect(judge(input({ error: interrupted })).sentence).toBe('INTERRUPTED orders: given up');
  });
});

test('nothing passes unless it is complete and correct', () => {
  const seen = { passed: 0 };
  fc.assert(
    fc.property(anyInput(), (any) => {
      const judgement = judge(any);
      expect(judgement.reasons.length > 0).toBe(judgement.verdict === 'failed');
      if (judgement.verdict !== 'passed') return;
      seen.passed += 1;
      const { objectives } = any;
      expect(any.error).toBeUndefined();
      expect(any.checks.length).toBeGreaterThan(0);
      expect(any.checks.length).toBe(any.checksPlanned);
      expect(any.checks.every(({ passed }) => passed)).toBe(true);
      expect(any.load?.errorCount).toBe(0);
      let sumMs = 0;
      for (const name of objectives.counts) {
        const stages: StageRecord[] = any.stages.filter((stage) => stage.name === name);
        expect(stages.length).toBeGreaterThan(0);
        expect(stages.every(({ outcome }) => outcome === 'ok')).toBe(true);
        sumMs += stages.reduce((sum, stage) => sum + stage.durationMs, 0);
      }
      expect(sumMs).toBeLessThanOrEqual(objectives.rtoMs);
      const ageMs = NOON.getTime() - ((any.newestTakenAt ?? any.takenAt)?.getTime() ?? Number.NEGATIVE_INFINITY);
      if (objectives.rpoMs !== undefined) expect(ageMs).toBeLessThanOrEqual(objectives.rpoMs);
    }),
    { numRuns: 3000 },
  );
  expect(seen.passed).toBeGreaterThan(20); // otherwise the property above proves nothing
});

test('a malformed check does not hide findings about the backup, and alone gives no verdict', () => {
  const error = new DrillError('check-malformed', "check 'a': syntax error");
  const load = { errorCount: 1, errors: ['relation "x" does not exist'], ignoredCount: 0 };
  const reasonsOf = (changes: Partial<JudgeInput>) =>
    judge(input({ error, ...changes })).reasons.map(({ reason }) => reason);
  expect(reasonsOf({ load, checks: [] })).toEqual(['unrestorable']);
  expect(reasonsOf({ checks: [check('b', false)], checksPlanned: 2 })).toEqual(['wrong-data']);
  expect(judge(input({ error, checks: [check('b', true)], checksPlanned: 2 })).verdict).toBeUndefined();
  const died = new DrillError('server-failed', 'the connection was closed');
  expect(judge(input({ error: died, load })).verdict).toBeUndefined();
});

test('hints are ready to use, with the real run, drill and file', () => {
  const load = { errorCount: 1, errors: ['x'], ignoredCount: 0 };
  const { reasons } = judge(input({ load, checks: [check('b', false)], drillFile: 'my drills/orders.yaml' }));
  const commands = reasons.map(({ hint }) =>
    [...(hint ?? '').matchAll(/`(firedrill .*?)`/g)].map(([, command]) => command),
  );
  expect(commands).toEqual([
    ['firedrill show 20261121-120000-abcdef'],
    ["firedrill run 'my drills/orders.yaml' --keep 30m"],
  ]);
  expect(reasons[0]?.hint).toContain('in my drills/orders.yaml');
});

test('a verdict is never a pass when the error table says otherwise', () => {
  for (const code of ERROR_CODES) {
    const error = new DrillError(code, 'm');
    expect(judge(input({ error })).verdict).toBe(reasonOf(error) ? 'failed' : undefined);
  }
});

/** Close to a pass, so that passes occur: each part is usually right. */
function anyInput(): fc.Arbitrary<JudgeInput> {
  const mostly = <T>(good: T, other: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 12, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: other });
  const outcome = mostly<StageRecord['outcome']>('ok', fc.constantFrom('failed', 'errored', 'skipped', 'interrupted'));
  const stage = (name: StageRecord['name']) =>
    fc.tuple(fc.double({ min: 0, max: 1000, noNaN: true }), outcome).map(([ms, result]) => stageOf(name, ms, result));
  const all = input();
  return fc.record<JudgeInput>({
    drill: fc.constant('orders'),
    drillFile: fc.constant(all.drillFile),
    runId: fc.constant(all.runId),
    objectives: fc.record({
      rtoMs: fc.integer({ min: 500, max: 4000 }),
      rpoMs: fc.option(fc.integer({ min: 1, max: 2000 }), { nil: undefined }),
      warnAtRatio: fc.constant(0.8),
      counts: mostly(all.objectives.counts, fc.subarray([...COUNTABLE_STAGES], { minLength: 1 })),
      deadlineMs: fc.constant(HOUR),
    }),
    stages: fc.tuple(...STAGES.map(stage)).chain((stages) => mostly(stages, fc.subarray(stages))),
    checks: fc.array(
      mostly(true, fc.constant(false)).map((passed) => check('a', passed)),
      { maxLength: 3 },
    ),
    checksPlanned: fc.integer({ min: 0, max: 3 }),
    startedAt: fc.constant(NOON),
    takenAt: mostly<Date | undefined>(
      NOON,
      fc.option(
        fc.integer({ min: -2000, max: 2000 }).map((ms) => new Date(NOON.getTime() - ms)),
        { nil: undefined },
      ),
    ),
    newestTakenAt: mostly<Date | undefined>(
      undefined,
      fc.integer({ min: -2000, max: 2000 }).map((ms) => new Date(NOON.getTime() - ms)),
    ),
    sizeBytes: fc.option(fc.nat(), { nil: undefined }),
    load: mostly<JudgeInput['load']>(
      all.load,
      fc.constantFrom(undefined, { errorCount: 1, errors: [], ignoredCount: 0 }),
    ),
    error: mostly<DrillError | undefined>(
      undefined,
      fc.constantFrom(...ERROR_CODES).map((code) => new DrillError(code, 'm')),
    ),
  });
}
