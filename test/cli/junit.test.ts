import { expect, it } from 'vitest';
import { toJunit } from '../../src/cli/printers/junit.ts';
import { toStepSummary } from '../../src/cli/printers/step-summary.ts';
import { NOON, passedRun, runningRun, stageOf } from '../support/run-records.ts';

const INTERRUPTED = {
  status: 'interrupted',
  verdict: undefined,
  error: {
    code: 'interrupted',
    stage: 'restore',
    message: 'the run was canceled by SIGINT',
    hint: undefined,
    details: [],
  },
} as const;

it('writes a suite per drill, with a case for the restore, each check, the recovery time and the age of the data', () => {
  expect(toJunit([passedRun()], [])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="firedrill" tests="4" failures="0" errors="0" skipped="0" time="5.003">
  <testsuite name="orders" tests="4" failures="0" errors="0" skipped="0" time="5.003" timestamp="2026-11-21T12:00:00">
    <properties>
      <property name="run" value="20261121-120000-aaaaaa"/>
      <property name="verdict" value="passed"/>
      <property name="owner" value="payments"/>
      <property name="tier" value="1"/>
      <property name="backup" value="orders/orders-2026-11-21.dump"/>
      <property name="backup.takenAt" value="2026-11-21T03:00:00.000Z"/>
      <property name="image" value="postgres:17"/>
      <property name="firedrill" value="0.1.0"/>
    </properties>
    <testcase classname="orders" name="backup restores" time="1.000"/>
    <testcase classname="orders" name="check: customers" time="0.003"/>
    <testcase classname="orders" name="recovery time within 15 min" time="4.000"/>
    <testcase classname="orders" name="data not older than 26 h" time="0.000"/>
  </testsuite>
</testsuites>
`);
});

it('reports a verdict as failures of the check, the recovery time, the age of the data and the restore', () => {
  const reasons = [
    { reason: 'wrong-data', sentence: '1 of 1 checks failed', hint: undefined },
    { reason: 'too-slow', sentence: 'recovery took 41 min, target 15 min', hint: 'Add cores.' },
    { reason: 'stale-backup', sentence: 'data 30 h old of 26 h', hint: undefined },
  ] as const;
  const checks = [{ name: 'customers', passed: false, expected: 'at least 599', actual: '598', durationMs: 3 }];
  const xml = toJunit([passedRun({ verdict: 'failed', reasons, checks })], []);
  expect(xml).toContain('tests="4" failures="3" errors="0" skipped="0"');
  expect(xml).toContain('<failure type="wrong-data" message="expected at least 599, actual 598"></failure>');
  expect(xml).toContain('<failure type="too-slow" message="recovery took 41 min, target 15 min">Add cores.</failure>');
  expect(xml).toContain('<failure type="stale-backup" message="data 30 h old of 26 h"></failure>');

  const missing = { reason: 'missing-backup', sentence: 'no backup matches', hint: 'Look there.' } as const;
  const none = toJunit(
    [
      passedRun({
        verdict: 'failed',
        reasons: [missing],
        checks: [],
        recoveryTimeMs: undefined,
        dataLossMs: undefined,
        stages: [stageOf('locate', 10, 'failed')],
      }),
    ],
    [],
  );
  expect(none).toContain('tests="3" failures="1" errors="0" skipped="2"');
  expect(none).toContain('<failure type="missing-backup" message="no backup matches">Look there.</failure>');
});

it('reports wrong data that no check found as a failure of the restore', () => {
  const reasons = [{ reason: 'wrong-data', sentence: '3 errors while restoring', hint: undefined }] as const;
  const xml = toJunit([passedRun({ verdict: 'failed', reasons, restoreErrors: ['ERROR: <x>'] })], []);
  expect(xml).toContain('<failure type="wrong-data" message="3 errors while restoring">ERROR: &lt;x&gt;</failure>');
});

it('reports a status as an error, since nothing is known about the backup', () => {
  const xml = toJunit([passedRun(INTERRUPTED)], [{ drill: 'shop', code: 'store-failed', message: 'locked' }]);
  expect(xml).toContain('<error type="interrupted" message="the run was canceled by SIGINT"></error>');
  expect(xml).toContain('<testsuite name="shop" tests="1" failures="0" errors="1" skipped="0" time="0.000">');
  expect(xml).toContain('<error type="store-failed" message="locked"></error>');
});

it('escapes every text so that XML preserves it', () => {
  const name = '</testcase><x a="\'&\u0000\u0007\ufffe\ud800\u202e\n]]>';
  const checks = [{ name, passed: true, expected: '', actual: '', durationMs: 0 }];
  const xml = toJunit([passedRun({ checks })], []);
  expect(xml).toContain(
    `name="check: &lt;/testcase&gt;&lt;x a=&quot;'&amp;\\u0000\\u0007\\ufffe\\ud800\\u202e\\n]]&gt;"`,
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
  expect(xml).not.toMatch(/[\u0000-\u0009\u000b-\u001f\ufffe\uffff]|\p{Surrogate}/u);
});

it('summarizes runs in Markdown: one line per drill, then why it failed and what to do', () => {
  const checks = [{ name: 'customers', passed: false, expected: 'at least 599', actual: '598', durationMs: 3 }];
  const reasons = [{ reason: 'wrong-data', sentence: 'check "a|<b>": 598', hint: 'Look at the *data*.' }] as const;
  const failed = passedRun({ drill: 'shop', id: '20261121-130000-bbbbbb', verdict: 'failed', reasons, checks });
  const broken = runningRun({ ...INTERRUPTED, drill: 'ledger', id: '20261121-140000-cccccc', endedAt: NOON });
  expect(toStepSummary([passedRun(), failed, broken], [])).toBe(`## Firedrill: 1 of 3 databases recoverable

|  | Drill | Recovery | Data | Checks | Run |
| --- | --- | --- | --- | --- | --- |
| ✅ passed | orders | 4.0 s (RTO 15 min) | 9 h old (RPO 26 h) | 1 of 1 | 20261121-120000-aaaaaa |
| ❌ failed | shop | 4.0 s (RTO 15 min) | 9 h old (RPO 26 h) | 0 of 1 | 20261121-130000-bbbbbb |
| ⚠ interrupted | ledger | – | – | 0 of 0 | 20261121-140000-cccccc |

### shop

- check "a\\|&lt;b\\>": 598
- Look at the \\*data\\*.

### ledger

- the run was canceled by SIGINT

`);
});
