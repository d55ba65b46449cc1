import { describe, expect, it, vi } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import { type FakeOptions, fail, hang, makeFakeDrill, type Step, useFakeTime } from './fake-drill.ts';

useFakeTime();

const take = (ms: number) => () => vi.advanceTimersByTimeAsync(ms);

/** Everything takes time, including what belongs to no stage: the store and the listeners. */
const SLOW: Partial<Record<Step, () => unknown>> = {
  openSource: take(31),
  list: take(120),
  inspect: take(45),
  chooseRuntime: take(407),
  findImage: take(83),
  start: take(260),
  checkCompatibility: take(11),
  boot: take(1900),
  load: take(4000),
  seal: take(350),
  openCheckSession: take(17),
  query: take(23),
  closeCheckSession: take(9),
  measure: take(38),
  dispose: take(110),
};

const endings: readonly (readonly [how: string, options: FakeOptions, stop: 'interrupt' | 'wait' | undefined])[] = [
  ['success', {}, undefined],
  ['success with an image that was pulled', { hasImage: false, hooks: { ensureImage: take(51_000) } }, undefined],
  ['failed checks', { answer: 598 }, undefined],
  ['a failed restore', { hooks: { load: fail('restore-failed', 'the dump ends early') } }, undefined],
  ['a failed look at the source', { hooks: { list: fail('source-unreachable', 'no answer') } }, undefined],
  ['a sandbox that is not to be had', { hooks: { chooseRuntime: fail('engine-unreachable', 'no answer') } }, undefined],
  ['cancel while it loads', { hooks: { load: hang } }, 'interrupt'],
  ['cancel while it locates', { hooks: { list: hang } }, 'interrupt'],
  ['its deadline while it loads', { hooks: { load: hang }, deadlineMs: 120_000 }, 'wait'],
  ['its deadline while it plans', { hooks: { chooseRuntime: hang }, deadlineMs: 120_000 }, 'wait'],
  ['its deadline while it verifies', { hooks: { query: hang }, deadlineMs: 120_000 }, 'wait'],
];

describe('the stages of a run', () => {
  it.each(endings)('leave no gaps on %s', async (_how, options, stop) => {
    let closedAt = 0;
    const drill = makeFakeDrill({
      ...options,
      hooks: { ...SLOW, ...options.hooks, closeSource: () => (closedAt = Date.now()) },
      store: (inner) => ({
        ...inner,
        addStage: async (...stage) => {
          await vi.advanceTimersByTimeAsync(3);
          await inner.addStage(...stage);
        },
      }),
      onEvent: ({ type }) => {
        if (type === 'stage-started') vi.setSystemTime(Date.now() + 2);
      },
    });
    const startedMs = Date.now();
    const running = drill.run();
    for (let step = 0; step < 130 && stop; step += 1) {
      await vi.advanceTimersByTimeAsync(1000);
      if (step === 10 && stop === 'interrupt') drill.interrupt.abort();
    }
    const run = await running;
    expectTiled(run);
    expect(run.startedAt.getTime()).toBe(startedMs);
    // Between the end of the last stage and the closing of the source, only that end is stored.
    if (!stop) expect(closedAt - (run.endedAt?.getTime() ?? 0)).toBeLessThanOrEqual(10);
  });

  it('add up so that recovery time is the wall-clock time from the start to the end of verify, less the pull', async () => {
    const hooks = { ...SLOW, ensureImage: take(51_000) };
    const run = await makeFakeDrill({ hooks, hasImage: false }).run();
    const verify = run.stages.find(({ name }) => name === 'verify');
    const verifiedMs = (verify?.startedAt.getTime() ?? 0) + (verify?.durationMs ?? 0);
    expect(run.recoveryTimeMs).toBe(verifiedMs - run.startedAt.getTime() - 51_000);
  });

  it('exclude the time in which checks are made from the copy, which extends the deadline', async () => {
    const plain = await makeFakeDrill({ hooks: SLOW }).run();
    const run = await makeFakeDrill({ hooks: SLOW, deadlineMs: 600_000, completing: take(7_200_000) }).run();
    expect(run.verdict).toBe('passed');
    expect(run.recoveryTimeMs).toBe(plain.recoveryTimeMs);
    expect((run.endedAt?.getTime() ?? 0) - run.startedAt.getTime()).toBeGreaterThan(7_200_000);
  });

  it('leave no gaps even if the wall clock is changed meanwhile', async () => {
    let wallMs = 0;
    const drill = makeFakeDrill({ hooks: { ...SLOW, checkCompatibility: () => (wallMs = -3_600_000) } });
    Object.assign(drill.services.clock, { now: () => new Date(Date.now() + wallMs) });
    expectTiled(await drill.run());
  });
});

describe('steps within stages', () => {
  it('are timed separately, even in parallel, and recorded', async () => {
    const drill = makeFakeDrill({ hooks: { ...SLOW, stage: take(700), boot: take(400) } });
    const run = await drill.run();
    const phases = Object.fromEntries(run.stages.map((stage) => [stage.name, stage.phases]));
    expect(phases['locate']).toEqual([]);
    expect(phases['restore']?.filter(({ name }) => name !== 'fetch')).toMatchObject([
      { name: 'load', durationMs: 4000 },
      { name: 'seal', durationMs: 350 },
    ]);
    expect((phases['provision'] ?? []).map(({ name }) => name)).toEqual(['fetch', 'boot']);
    const [loadMs = 0, sealMs = 0] = (phases['restore'] ?? [])
      .filter(({ name }) => name !== 'fetch')
      .map(({ startedAt }) => startedAt?.getTime() ?? 0);
    expect(sealMs - loadMs).toBe(4000);
    for (const stage of run.stages) {
      const fromMs = stage.startedAt.getTime();
      for (const { startedAt, durationMs } of stage.phases) {
        expect(startedAt?.getTime()).toBeGreaterThanOrEqual(fromMs);
        expect((startedAt?.getTime() ?? 0) + durationMs).toBeLessThanOrEqual(fromMs + stage.durationMs);
      }
    }
    expect(await drill.stored()).toEqual(run);
  });

  it('end with their stage when it is stopped', async () => {
    const drill = makeFakeDrill({ hooks: { boot: hang } });
    const running = drill.run();
    await drill.reached('boot');
    await vi.advanceTimersByTimeAsync(5000);
    drill.interrupt.abort();
    await vi.advanceTimersByTimeAsync(2000);
    const provision = (await running).stages.find(({ name }) => name === 'provision');
    const { startedAt, durationMs } = provision ?? {};
    expect(provision?.phases).toEqual([{ name: 'boot', startedAt, durationMs }]);
  });
});

function expectTiled({ startedAt, endedAt, stages }: RunRecord): void {
  let atMs = startedAt.getTime();
  for (const stage of stages) {
    expect([stage.name, stage.startedAt.getTime()]).toEqual([stage.name, atMs]);
    expect(Number.isInteger(stage.durationMs)).toBe(true);
    atMs += stage.durationMs;
  }
  expect(endedAt?.getTime()).toBe(atMs);
}
