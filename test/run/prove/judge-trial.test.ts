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

describe('a run on damage', () => {
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

  it.each<readonly [ReadDamage, Judged]>([
    ['truncate', PASSED],
    ['wrong-key', PASSED],
    ['flip', failed('too-slow')],
    ['stale', failed('unprotected')],
    ['stale', failed('stale-backup')], // by its name, as without damage
  ])('of %s has not been caught by a run that fails for another reason, or passes', (kind, run) => {
    expect(judgeTrial(kind, run)).toEqual({ kind: 'slipped' });
  });

  it.each<readonly [ReadDamage, Judged, string]>([
    ['truncate', errored('server-failed'), 'the run was errored: server-failed'],
    ['failing-store', failed('unrestorable'), 'failed (unrestorable) instead of errored'],
    ['wrong-key', errored('disk-full'), 'the run was errored: disk-full'],
  ])('of %s proves nothing when it ends in another way', (kind, run, why) => {
    expect(judgeTrial(kind, run)).toEqual({ kind: 'unclear', why });
  });
});
