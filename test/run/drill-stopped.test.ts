import { describe, expect, it, vi } from 'vitest';
import { DrillError } from '../../src/support/errors.ts';
import { hang, makeFakeDrill, timeline, useFakeTime } from './fake-drill.ts';

useFakeTime();

describe('a stopped run', () => {
  const steps = [
    ['openSource', 'locate'],
    ['list', 'locate'],
    ['boot', 'provision'],
    ['load', 'restore'],
    ['query', 'verify'],
  ] as const;

  it.each(steps)('is interrupted and torn down when Ctrl-C arrives while %s hangs in %s', async (step, stage) => {
    const drill = makeFakeDrill({ hooks: { [step]: hang } });
    const running = drill.run();
    await drill.reached(step);
    drill.interrupt.abort(new DrillError('interrupted', 'the run was canceled by SIGINT'));
    await vi.advanceTimersByTimeAsync(2000);
    const run = await running;
    expect(run).toMatchObject({ status: 'interrupted', verdict: undefined, error: { code: 'interrupted', stage } });
    expect(timeline(run)).toContain(`${stage} interrupted, teardown`);
    expect(drill.calls.includes('dispose')).toBe(stage !== 'locate');
  });

  const ofSource = new Set(['openSource', 'list']);
  it.each(steps.filter(([step]) => !ofSource.has(step)))(
    'is too slow and torn down when its deadline passes while %s hangs in %s',
    async (step, stage) => {
      const drill = makeFakeDrill({ hooks: { [step]: hang }, deadlineMs: 120_000 });
      const running = drill.run();
      await drill.reached(step);
      await vi.advanceTimersByTimeAsync(122_000);
      const run = await running;
      expect(run).toMatchObject({ status: 'completed', verdict: 'failed', reasons: [{ reason: 'too-slow' }] });
      expect(run.error?.message).toMatch(
        new RegExp(`^stopped at its deadline of 2 min during ${stage}.*; the target is 1 min$`),
      );
      expect(timeline(run)).toContain(`${stage} failed, teardown`);
      expect(drill.calls.includes('dispose')).toBe(stage !== 'locate');
    },
  );

  it.each(steps.filter(([step]) => ofSource.has(step)))(
    'gives no verdict when its deadline passes while %s hangs, because the source did not respond',
    async (step) => {
      const drill = makeFakeDrill({ hooks: { [step]: hang }, deadlineMs: 120_000 });
      const running = drill.run();
      await drill.reached(step);
      await vi.advanceTimersByTimeAsync(122_000);
      const run = await running;
      expect(run).toMatchObject({ status: 'errored', verdict: undefined, error: { code: 'source-unreachable' } });
      expect(timeline(run)).toContain('locate errored, teardown');
    },
  );

  it('reports how far it got when its deadline passes in the middle of a restore', async () => {
    const drill = makeFakeDrill({ hooks: { load: hang }, deadlineMs: 120_000 });
    const running = drill.run();
    await drill.reached('load');
    await vi.advanceTimersByTimeAsync(122_000);
    expect((await running).reasons[0]?.sentence).toBe(
      'stopped at its deadline of 2 min during restore; 100 % done, 31 B of 31 B read (fetching); the target is 1 min',
    );
  });

  it('reports every second that its restore is stalled', async () => {
    const drill = makeFakeDrill({ hooks: { load: hang }, content: Buffer.alloc(64 * 2 ** 20, '-') });
    const running = drill.run();
    await drill.reached('load');
    const told = () => drill.events.flatMap((event) => (event.type === 'progress' ? [event.progress] : []));
    await vi.advanceTimersByTimeAsync(1000);
    expect(told()).toMatchObject([
      { bytesPerSecond: undefined, isStalled: false },
      { bytesPerSecond: expect.any(Number), isStalled: false },
    ]);
    await vi.advanceTimersByTimeAsync(9000);
    expect(told()).toHaveLength(11);
    expect(told().at(-1)).toMatchObject({ bytesPerSecond: 0, isStalled: true });
    drill.interrupt.abort();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await running).toMatchObject({ status: 'interrupted' });
    expect(told()).toHaveLength(11);
  });

  it('closes a source that opens only after the run has ended', async () => {
    const opened = Promise.withResolvers<void>();
    const drill = makeFakeDrill({ hooks: { openSource: () => opened.promise } });
    const running = drill.run();
    await drill.reached('openSource');
    drill.interrupt.abort();
    await vi.advanceTimersByTimeAsync(2000);
    await running;
    expect(drill.calls).not.toContain('closeSource');
    opened.resolve();
    await drill.reached('closeSource');
  });

  it('does not count the time of an image pull towards its deadline', async () => {
    const pulled = Promise.withResolvers<void>();
    const drill = makeFakeDrill({ hooks: { ensureImage: () => pulled.promise }, hasImage: false, deadlineMs: 120_000 });
    const running = drill.run();
    await drill.reached('ensureImage');
    await vi.advanceTimersByTimeAsync(1_800_000);
    pulled.resolve();
    await vi.advanceTimersByTimeAsync(2000);
    expect(await running).toMatchObject({ status: 'completed', verdict: 'passed' });
  });

  it('gives no verdict on the backup when an image pull never ends', async () => {
    const drill = makeFakeDrill({ hooks: { ensureImage: hang }, hasImage: false, deadlineMs: 120_000 });
    const running = drill.run();
    await drill.reached('ensureImage');
    await vi.advanceTimersByTimeAsync(12 * 3_600_000 + 2000);
    expect(await running).toMatchObject({
      status: 'errored',
      error: { code: 'image-missing', stage: 'image-pull', message: 'the image postgres:17 was not there after 12 h' },
    });
  });

  it('gives no verdict on the backup when the container engine does not say whether the image exists', async () => {
    const drill = makeFakeDrill({ hooks: { findImage: hang }, deadlineMs: 120_000 });
    const running = drill.run();
    await drill.reached('findImage');
    await vi.advanceTimersByTimeAsync(62_000);
    expect(await running).toMatchObject({ status: 'errored', error: { code: 'engine-unreachable', stage: 'plan' } });
  });

  it('does not time out early when its deadline exceeds the range of a timer', async () => {
    const drill = makeFakeDrill({
      hooks: { load: () => vi.advanceTimersByTimeAsync(1000) },
      deadlineMs: 28 * 86_400_000,
    });
    expect(await drill.run()).toMatchObject({ verdict: 'passed' });
  });

  it('does nothing but report it when it is stopped before it begins', async () => {
    const drill = makeFakeDrill();
    drill.interrupt.abort();
    const run = await drill.run();
    expect(timeline(run)).toBe('locate interrupted, teardown skipped');
    expect(drill.calls).not.toContain('openSource');
  });

  it('is errored with the reason when its sandbox dies', async () => {
    const drill = makeFakeDrill({ hooks: { load: hang } });
    const running = drill.run();
    await drill.reached('load');
    drill.gone.abort(new DrillError('out-of-memory', 'the sandbox used more than 1 GB'));
    await vi.advanceTimersByTimeAsync(2000);
    expect(await running).toMatchObject({ status: 'errored', error: { code: 'out-of-memory', stage: 'restore' } });
    expect(drill.calls).toContain('dispose');
  });

  it('is errored with the reason when its sandbox dies right after its start', async () => {
    const drill = makeFakeDrill({ hooks: { boot: hang } });
    drill.gone.abort(new DrillError('sandbox-died', 'somebody removed it'));
    const running = drill.run();
    await drill.reached('start');
    await vi.advanceTimersByTimeAsync(2000);
    expect(await running).toMatchObject({ status: 'errored', error: { code: 'sandbox-died' } });
  });

  it('keeps the first cause when another one follows', async () => {
    const drill = makeFakeDrill({ hooks: { load: hang }, deadlineMs: 120_000 });
    const running = drill.run();
    await drill.reached('load');
    drill.interrupt.abort();
    drill.gone.abort(new DrillError('sandbox-died', 'because it was torn down'));
    await vi.advanceTimersByTimeAsync(122_000);
    expect(await running).toMatchObject({ status: 'interrupted', error: { code: 'interrupted' } });
  });
});
