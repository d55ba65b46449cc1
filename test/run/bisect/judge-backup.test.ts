import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../src/record/run-record.ts';
import { judgeBackup } from '../../../src/run/bisect/judge-backup.ts';
import type { Reason } from '../../../src/support/vocabulary.ts';
import { failedRun, passedRun, runningRun } from '../../support/run-records.ts';

const check = (name: string, passed: boolean) => ({ name, passed, expected: '1', actual: '1', durationMs: 1 });
const BOTH = [check('rows', true), check('keys', true)];
const ONE_BAD = [check('rows', true), check('keys', false)];

function failed(reasons: readonly Reason[], checks: RunRecord['checks']): RunRecord {
  return failedRun({ checks, reasons: reasons.map((reason) => ({ reason, sentence: reason, hint: undefined })) });
}

describe('a backup judged by all checks', () => {
  it.each([
    ['a run that passed', passedRun({ checks: BOTH }), 'good'],
    ['wrong data', failed(['wrong-data'], ONE_BAD), 'bad'],
    ['a failed restore', failed(['unrestorable'], []), 'bad'],
    ['a failed restore that was also too slow', failed(['too-slow', 'unrestorable'], []), 'bad'],
    ['right data, too slow', failed(['too-slow'], BOTH), 'good'],
    ['right data, while newer backups are missing', failed(['stale-backup'], BOTH), 'good'],
    ['right data, not protected', failed(['unprotected'], BOTH), 'good'],
    ['too slow to come to every check', failed(['too-slow'], [check('rows', true)]), 'unknown'],
    ['a backup that is gone', failed(['missing-backup'], []), 'unknown'],
    ['an errored run', runningRun({ status: 'errored', checks: ONE_BAD }), 'unknown'],
    ['an interrupted run', runningRun({ status: 'interrupted', checks: BOTH }), 'unknown'],
  ] as const)('%s', (_, run, finding) => {
    expect(judgeBackup(run, 2, undefined)).toBe(finding);
  });
});

describe('a backup judged by one check', () => {
  it.each([
    ['it passed, another failed', failed(['wrong-data'], ONE_BAD), 'rows', 'good'],
    ['it failed', failed(['wrong-data'], ONE_BAD), 'keys', 'bad'],
    ['it was not reached, because the restore failed', failed(['unrestorable'], []), 'rows', 'bad'],
    ['it was not reached in time', failed(['too-slow'], []), 'rows', 'unknown'],
    ['the run errored', runningRun({ status: 'errored', checks: BOTH }), 'rows', 'unknown'],
  ] as const)('%s', (_, run, name, finding) => {
    expect(judgeBackup(run, 2, name)).toBe(finding);
  });
});
