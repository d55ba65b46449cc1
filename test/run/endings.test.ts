import { describe, expect, it, vi } from 'vitest';
import { CanceledByUser } from '../../src/run/contract.ts';
import { DrillError } from '../../src/support/errors.ts';
import { fail, hang, makeFakeDrill, useFakeTime } from './fake-drill.ts';

useFakeTime();

const schedule = { kind: 'schedule', dueAt: new Date('2026-11-21T12:00:00.000Z'), attempt: 1 } as const;

describe('the record of a run', () => {
  it('says that it ended by itself, whether it passed or errored; only an errored run is retried', async () => {
    expect(await makeFakeDrill({ trigger: schedule }).run()).toMatchObject({ endedBy: 'itself', retryable: false });
    const hooks = { boot: fail('server-failed', 'it did not start') };
    expect(await makeFakeDrill({ trigger: schedule, hooks }).run()).toMatchObject({
      endedBy: 'itself',
      retryable: true,
    });
    expect(await makeFakeDrill({ hooks }).run()).toMatchObject({ endedBy: 'itself', retryable: false });
  });

  it('says that it ended at its deadline, which is a verdict', async () => {
    const drill = makeFakeDrill({ trigger: schedule, hooks: { load: hang }, deadlineMs: 120_000 });
    const running = drill.run();
    await drill.reached('load');
    await vi.advanceTimersByTimeAsync(122_000);
    expect(await running).toMatchObject({ endedBy: 'deadline', verdict: 'failed', retryable: false });
  });

  it.each([
    ['a user', new CanceledByUser('bob (web)', 'No verdict.'), 'user', 'bob (web)', false],
    [
      'the end of its process',
      new DrillError('interrupted', 'canceled by the scheduler’s shutdown'),
      'shutdown',
      undefined,
      true,
    ],
  ] as const)('says what ended it: %s, by name if there is one', async (_, reason, endedBy, canceledBy, retryable) => {
    const drill = makeFakeDrill({ trigger: schedule, hooks: { load: hang } });
    const running = drill.run();
    await drill.reached('load');
    drill.interrupt.abort(reason);
    await vi.advanceTimersByTimeAsync(2000);
    expect(await running).toMatchObject({ status: 'interrupted', endedBy, canceledBy, retryable });
  });

  it('ignores events after its last stage', async () => {
    const drill = makeFakeDrill({ hooks: { dispose: () => drill.interrupt.abort(new CanceledByUser('bob', 'x')) } });
    expect(await drill.run()).toMatchObject({ verdict: 'passed', endedBy: 'itself', canceledBy: undefined });
  });
});

describe('the record of a sandbox', () => {
  it('says whether it was kept', async () => {
    const kept = makeFakeDrill({ keepMs: 60_000 });
    const running = kept.run();
    await kept.reached('prepareClient');
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await running).sandbox).toMatchObject({ kept: true, removed: false });
    expect((await makeFakeDrill().run()).sandbox).toMatchObject({ kept: false, removed: true });
  });

  it('says that the sandbox of a canceled run was removed at once', async () => {
    const drill = makeFakeDrill({ keepMs: 60_000, hooks: { load: hang } });
    const running = drill.run();
    await drill.reached('load');
    drill.interrupt.abort(new CanceledByUser('bob (web)', 'No verdict.'));
    await vi.advanceTimersByTimeAsync(2000);
    expect(await running).toMatchObject({ status: 'interrupted', sandbox: { kept: false, removed: true } });
  });
});
