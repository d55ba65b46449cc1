import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../src/record/run-record.ts';
import { judgeTrial } from '../../../src/run/prove/judge-trial.ts';
import type { ErrorCode } from '../../../src/support/errors.ts';
import type { ReadDamage, Reason } from '../../../src/support/vocabulary.ts';

type Judged = Parameters<typeof judgeTrial>[1];

const check = (name: string, passed: boolean): RunRecord['checks'][number] => ({
  name,
  passed,
  expected: '',
  actual: '',
  durationMs: 1,
});
const error = (code: ErrorCode) => ({ code, stage: undefined, message: '', hint: undefined, details: [] });
const PASSED: Judged = { status: 'completed', verdict: 'passed', reasons: [], checks: [], error: undefined };
const failed = (reason: Reason, changes: Partial<Judged> = {}): Judged => ({
  ...PASSED,
  verdict: 'failed',
  reasons: [{ reason, sentence: '', hint: undefined }],
  ...changes,
});
const errored = (code: ErrorCode): Judged => ({ ...PASSED, status: 'errored', verdict: undefined, error: error(code) });

describe('a trial run on damage', () => {
  it.each<readonly [ReadDamage, Judged, readonly string[]]>([
    ['truncate', failed('unrestorable', { error: error('backup-truncated') }), ['the restore (backup-truncated)']],
    ['flip', failed('unrestorable'), ['the restore (restore-failed)']],
    ['flip', failed('wrong-data', { checks: [check('a', true), check('b', false)] }), ['b']],
    ['foreign', errored('key-wrong'), ['the run, errored (key-wrong)']],
    ['failing-store', errored('source-failed'), ['the run, errored (source-failed)']],
    ['slow-source', failed('too-slow'), ['the RTO (too-slow)']],
    ['wrong-key', errored('key-wrong'), ['the run, errored (key-wrong)']],
  ])('of %s is caught, by %j', (kind, run, by) => {
    expect(judgeTrial(kind, run)).toEqual({ kind: 'caught', by });
  });

  it.each<readonly [ReadDamage, Judged, string | undefined]>([
    ['truncate', PASSED, undefined],
    ['wrong-key', PASSED, undefined],
    ['flip', failed('too-slow'), 'the run failed (too-slow)'],
    ['stale', failed('unprotected'), 'the run failed (unprotected)'],
    ['stale', failed('stale-backup'), 'the run failed (stale-backup)'], // because of its name, as without damage
    ['failing-store', failed('unrestorable'), 'the run failed (unrestorable)'],
    ['wrong-key', failed('unrestorable'), 'the run failed (unrestorable)'],
    ['truncate', errored('internal'), 'the run was errored: internal'],
    ['truncate', errored('source-failed'), 'the run was errored: source-failed'],
    ['flip', errored('server-failed'), 'the run was errored: server-failed'],
  ])('of %s slips through when the run passes or blames something else', (kind, run, why) => {
    expect(judgeTrial(kind, run)).toEqual({ kind: 'slipped', why });
  });

  it.each<readonly [ReadDamage, Judged, string]>([
    ['truncate', errored('sandbox-died'), 'the run was errored: sandbox-died'],
    ['failing-store', errored('source-denied'), 'the run was errored: source-denied'],
    ['wrong-key', errored('disk-full'), 'the run was errored: disk-full'],
  ])('of %s proves nothing when it ends for an unrelated cause', (kind, run, why) => {
    expect(judgeTrial(kind, run)).toEqual({ kind: 'unclear', why });
  });
});
