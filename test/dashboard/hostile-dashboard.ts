import { FakeDashboard } from './fake-dashboard.ts';
import { drillOf, record, runAt } from './fake-drills.ts';

export const SCRIPT = '<script>alert(1)</script><img src=x onerror=alert(1)>"\' onfocus=alert(1) \u202e\u0007';
export const RUN = '20261121-040000-orders';

/** Every value that can come from elsewhere is a script. */
export async function hostileDashboard(): Promise<FakeDashboard> {
  const dashboard = new FakeDashboard();
  const check = {
    name: `check ${SCRIPT}`,
    passed: false,
    expected: `at least ${SCRIPT}`,
    actual: `row ${SCRIPT}`,
    durationMs: 1,
  };
  const run = runAt('orders', 8, 12, {
    id: RUN,
    verdict: 'failed',
    owner: SCRIPT,
    triggeredBy: `by hand (${SCRIPT})`,
    reasons: [{ reason: 'wrong-data', sentence: SCRIPT, hint: `\`${SCRIPT}\`` }],
    warnings: [SCRIPT],
    error: { code: 'restore-failed', stage: 'restore', message: SCRIPT, hint: SCRIPT, details: [SCRIPT] },
    checks: [check],
    restoreErrors: [SCRIPT],
    restoreErrorCount: 1,
    backup: {
      source: `s3://${SCRIPT}`,
      key: SCRIPT,
      sizeBytes: 1,
      takenAt: new Date(0),
      etag: SCRIPT,
      format: SCRIPT,
      serverVersion: SCRIPT,
      dumpedBy: SCRIPT,
      selection: SCRIPT,
      newestTakenAt: undefined,
    },
    sandbox: {
      runtime: 'docker',
      image: SCRIPT,
      imageId: SCRIPT,
      isolation: SCRIPT,
      serverVersion: SCRIPT,
      removed: true,
      kept: false,
      dataBytes: 1,
    },
  });
  await record(dashboard.store, [run]);
  await dashboard.store.addLog(RUN, [{ at: dashboard.now, level: 'info', message: SCRIPT }]);
  dashboard.drills = [
    drillOf('orders', {
      owner: SCRIPT,
      description: SCRIPT,
      checks: [
        { kind: 'sql', name: SCRIPT, sql: SCRIPT, database: undefined, expect: { kind: 'empty' }, timeoutMs: 1 },
      ],
    }),
    drillOf('shop'),
  ];
  dashboard.broken = [{ file: SCRIPT, problem: SCRIPT, problemCount: 2, since: dashboard.now, keeps: SCRIPT }];
  dashboard.control.waiting = [{ drill: 'shop', since: dashboard.now, triggeredBy: SCRIPT, waitsFor: SCRIPT }];
  dashboard.control.unavailable = SCRIPT;
  return dashboard;
}
