import { describe, expect, it, vi } from 'vitest';
import { DrillError } from '../../src/support/errors.ts';
import { runningRun } from '../support/run-records.ts';
import { fail, fakeDefinition, hang, makeFakeDrill, timeline, useFakeTime } from './fake-drill.ts';

useFakeTime();

describe('a successful run', () => {
  it('goes through its stages in order, records each, and leaves nothing behind', async () => {
    const drill = makeFakeDrill();
    const run = await drill.run();
    expect(run).toMatchObject({ status: 'completed', verdict: 'passed', reasons: [], error: undefined });
    expect(timeline(run)).toBe(
      'locate ok, plan ok, image-pull skipped, provision ok, restore ok, verify ok, teardown ok',
    );
    expect(run.checks).toMatchObject([{ name: 'customers are all there', passed: true }]);
    expect(run.sandbox).toMatchObject({ runtime: 'docker', serverVersion: '17.11', removed: true });
    expect(run.backup).toMatchObject({ key: 'orders-2026-11-21T030000Z.sql', dumpedBy: 'pg_dump 17.11' });
    expect(await drill.stored()).toEqual(run);
    expect(drill.calls.slice(-4)).toEqual(['closeCheckSession', 'measure', 'dispose', 'closeSource']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('reports each step as it happens, and its record last', async () => {
    const drill = makeFakeDrill();
    await drill.run();
    const told = drill.events.map((event) => ('stage' in event ? `${event.type} ${event.stage}` : event.type));
    expect(told.filter((name) => !/^(?:progress|predicted)/.test(name))).toEqual([
      'run-started',
      'identity-chosen',
      'stage-started locate',
      'source-opened',
      'backup-chosen',
      'reading-planned',
      'backup-read',
      'stage-ended locate',
      'stage-started plan',
      'planned',
      'stage-ended plan',
      'stage-ended image-pull',
      'stage-started provision',
      'sandbox-started',
      'server-started',
      'stage-ended provision',
      'stage-started restore',
      'restored',
      'stage-ended restore',
      'stage-started verify',
      'check',
      'stage-ended verify',
      'reading-counted',
      'stage-started teardown',
      'data-measured',
      'sandbox-removed',
      'stage-ended teardown',
      'run-ended',
    ]);
  });

  it('is recorded as running, with a lease, before anything else starts', async () => {
    const drill = makeFakeDrill({ hooks: { openSource: hang } });
    void drill.run();
    await drill.reached('openSource');
    expect(await drill.stored()).toMatchObject({
      status: 'running',
      leaseExpiresAt: new Date('2026-11-21T12:02:00.000Z'),
    });
  });

  it('records warnings of the restore once', async () => {
    const drill = makeFakeDrill({ outcome: { warnings: ['no statistics'] } });
    expect((await drill.run()).warnings).toEqual(['no statistics']);
  });

  it('renews its lease while it runs', async () => {
    const drill = makeFakeDrill({ hooks: { load: hang } });
    void drill.run();
    await drill.reached('load');
    await vi.advanceTimersByTimeAsync(300_000);
    expect((await drill.stored()).leaseExpiresAt).toEqual(new Date('2026-11-21T12:07:00.000Z'));
  });

  it('stores its log with each stage, so that a killed run can be examined', async () => {
    const drill = makeFakeDrill({ hooks: { load: hang } });
    void drill.run();
    await drill.reached('load');
    const { id, stages } = await drill.stored();
    expect(stages.map(({ name }) => name)).toEqual(['locate', 'plan', 'image-pull', 'provision']);
    const log = (await drill.store.getLog(id)).map(({ message }) => message);
    expect(log).toContain('sandbox box-1 (docker): no interface but loopback');
  });

  it('times a stage by its actual duration, excluding the image pull', async () => {
    const drill = makeFakeDrill({
      hooks: { ensureImage: () => vi.advanceTimersByTimeAsync(50_000), load: () => vi.advanceTimersByTimeAsync(4000) },
      hasImage: false,
    });
    const run = await drill.run();
    expect(run.stages.map(({ durationMs }) => durationMs)).toEqual([0, 0, 50_000, 0, 4000, 0, 0]);
    expect(run.recoveryTimeMs).toBe(4000);
  });
});

it('a run ends before a sandbox is started when the engine rejects the log archive', async () => {
  const drill = makeFakeDrill({ hasLog: true, hooks: { checkLog: fail('backup-encrypted', 'the log is encrypted') } });
  expect(await drill.run()).toMatchObject({ status: 'errored', error: { code: 'backup-encrypted', stage: 'locate' } });
  expect(drill.calls).toContain('checkLog');
  expect(drill.calls).not.toContain('start');
});

describe('a run with a failing stage', () => {
  const cases = [
    ['openSource', 'source-missing', 'errored', 'locate errored, teardown skipped'],
    ['list', 'source-unreachable', 'errored', 'locate errored, teardown skipped'],
    ['inspect', 'backup-truncated', 'unrestorable', 'locate failed, teardown skipped'],
    ['chooseRuntime', 'engine-unreachable', 'errored', 'locate ok, plan errored, teardown skipped'],
    ['findImage', 'tool-missing', 'errored', 'locate ok, plan errored, teardown skipped'],
    ['ensureImage', 'image-missing', 'errored', 'locate ok, plan ok, image-pull errored, teardown skipped'],
    ['start', 'sandbox-refused', 'errored', 'locate ok, plan ok, image-pull skipped, provision errored, teardown ok'],
    [
      'checkCompatibility',
      'extension-missing',
      'errored',
      'locate ok, plan ok, image-pull skipped, provision errored, teardown ok',
    ],
    ['boot', 'server-failed', 'errored', 'locate ok, plan ok, image-pull skipped, provision errored, teardown ok'],
    [
      'stage',
      'backup-corrupt',
      'unrestorable',
      'locate ok, plan ok, image-pull skipped, provision ok, restore failed, teardown ok',
    ],
    [
      'load',
      'restore-failed',
      'unrestorable',
      'locate ok, plan ok, image-pull skipped, provision ok, restore failed, teardown ok',
    ],
    [
      'seal',
      'disk-full',
      'errored',
      'locate ok, plan ok, image-pull skipped, provision ok, restore errored, teardown ok',
    ],
    [
      'query',
      'check-malformed',
      'errored',
      'locate ok, plan ok, image-pull skipped, provision ok, restore ok, verify errored, teardown ok',
    ],
  ] as const;

  it.each(cases)('in %s with %s ends as %s and is torn down', async (step, code, outcome, stages) => {
    const drill = makeFakeDrill({
      hooks: { [step]: fail(code, 'made by the test') },
      hasImage: step !== 'ensureImage',
    });
    const run = await drill.run();
    expect(run.error).toMatchObject({ code, message: expect.stringContaining('made by the test') });
    if (outcome === 'errored') expect(run).toMatchObject({ status: 'errored', verdict: undefined, reasons: [] });
    else expect(run).toMatchObject({ status: 'completed', verdict: 'failed', reasons: [{ reason: outcome }] });
    expect(timeline(run)).toBe(stages);
    expect(drill.calls.filter((call) => call === 'dispose').length).toBe(
      stages.includes('provision') && step !== 'start' ? 1 : 0,
    );
    if (step !== 'openSource') expect(drill.calls.at(-1)).toBe('closeSource');
    expect(await drill.stored()).toEqual(run);
  });

  it('ends as errored on an unexpected error, which is reported as a bug', async () => {
    const run = await makeFakeDrill({ hooks: { boot: () => Promise.reject(new TypeError('x is undefined')) } }).run();
    expect(run).toMatchObject({ status: 'errored', error: { code: 'internal', stage: 'provision' } });
  });

  it('fails with both reasons when the data is wrong and restore statements failed', async () => {
    const outcome = { errorCount: 1, errors: ['ERROR: relation "x" does not exist'] };
    const run = await makeFakeDrill({ answer: 598, outcome }).run();
    expect(run.reasons.map(({ reason }) => reason)).toEqual(['unrestorable', 'wrong-data']);
    expect(run.restoreErrors).toEqual(outcome.errors);
  });
});

describe('teardown', () => {
  it('makes a passed run errored when something is left behind, and says so', async () => {
    const drill = makeFakeDrill({ hooks: { dispose: fail('sandbox-leaked', 'box-1 is still there') } });
    const run = await drill.run();
    expect(run).toMatchObject({ status: 'errored', verdict: undefined, error: { code: 'sandbox-leaked' } });
    expect(run.sandbox?.removed).toBe(false);
  });

  it('never masks the original error', async () => {
    const hooks = {
      load: fail('restore-failed', 'the dump ends early'),
      dispose: fail('sandbox-leaked', 'box-1 is still there'),
    };
    const run = await makeFakeDrill({ hooks }).run();
    expect(run).toMatchObject({ verdict: 'failed', error: { code: 'restore-failed' }, sandbox: { removed: false } });
    expect(run.warnings).toEqual(['teardown: box-1 is still there']);
  });

  it('keeps a failed verdict when the sandbox leaks as well, with a warning', async () => {
    const drill = makeFakeDrill({ hooks: { dispose: fail('sandbox-leaked', 'box-1 is still there') }, answer: 598 });
    const run = await drill.run();
    expect(run).toMatchObject({ status: 'completed', verdict: 'failed', reasons: [{ reason: 'wrong-data' }] });
    expect(run.warnings).toEqual(['teardown: box-1 is still there']);
  });

  it('allows 16 minutes for removal, and then records the run with the leak', async () => {
    const drill = makeFakeDrill({ hooks: { dispose: hang } });
    const running = drill.run();
    await drill.reached('dispose');
    await vi.advanceTimersByTimeAsync(17 * 60_000);
    expect(await running).toMatchObject({
      status: 'errored',
      error: { code: 'sandbox-leaked', message: 'the sandbox was not removed within 16 min' },
    });
  });

  it('waits for a sandbox that starts after the run was canceled, and removes it', async () => {
    const started = Promise.withResolvers<void>();
    const drill = makeFakeDrill({ hooks: { start: () => started.promise } });
    const running = drill.run();
    await drill.reached('start');
    drill.interrupt.abort();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(drill.calls).not.toContain('dispose');
    started.resolve();
    expect(await running).toMatchObject({ status: 'interrupted', sandbox: { removed: true } });
    expect(drill.calls.filter((call) => call === 'dispose').length).toBe(1);
  });
});

it('a run continues when a listener throws, and logs the error', async () => {
  const drill = makeFakeDrill({
    onEvent: ({ type }) => {
      if (type === 'run-started' || type === 'check') throw new TypeError('the page has gone');
    },
  });
  expect(await drill.run()).toMatchObject({ verdict: 'passed', sandbox: { removed: true } });
  const [run] = await drill.store.findRuns({ limit: 1 });
  const told = (await drill.store.getLog(run?.id ?? '')).filter(({ level }) => level === 'error');
  expect(told.map(({ message }) => message)).toEqual([
    'could not report run-started: unexpected: the page has gone',
    'could not report check: unexpected: the page has gone',
  ]);
});

it('logs each line of an error by itself', async () => {
  const refused = new DrillError('restore-failed', 'the server refused it', { hint: 'Read its log.' });
  const drill = makeFakeDrill({ hooks: { load: () => Promise.reject(refused) } });
  const { id } = await drill.run();
  const errors = (await drill.store.getLog(id)).filter(({ level }) => level === 'error');
  expect(errors.map(({ message }) => message)).toEqual([
    'restore-failed: the server refused it',
    'HINT: Read its log.',
  ]);
});

it('a retry starts after the run that it repeats, even if that run’s host has a clock that is ahead', async () => {
  const drill = makeFakeDrill({ trigger: { kind: 'schedule', dueAt: undefined, attempt: 2 } });
  const { name } = fakeDefinition(1000);
  await drill.store.claim(runningRun({ drill: name, startedAt: new Date(Date.now() + 180_000) }));
  const run = await drill.run();
  expect(await drill.stored()).toEqual(run);
  expect(run.startedAt).toEqual(new Date(run.stages[0]?.startedAt ?? 0));
});
