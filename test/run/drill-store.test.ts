import { describe, expect, it, vi } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { Store } from '../../src/record/store.ts';
import { DrillError } from '../../src/support/errors.ts';
import { type FakeDrill, fail, hang, makeFakeDrill, useFakeTime } from './fake-drill.ts';

useFakeTime();

describe('a store failure', () => {
  const full = () => Promise.reject(new DrillError('disk-full', 'no space for history'));

  it('while claiming the run prevents anything from being created', async () => {
    const drill = makeFakeDrill({ store: (inner) => overlay(inner, { claim: full }) });
    await expect(drill.run()).rejects.toMatchObject({ code: 'disk-full' });
    expect(drill.calls).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('while recording the run is reported after everything is torn down', async () => {
    const drill = makeFakeDrill({ store: (inner) => overlay(inner, { finish: full }) });
    await expect(drill.run()).rejects.toMatchObject({ code: 'disk-full' });
    expect(drill.calls.slice(-2)).toEqual(['dispose', 'closeSource']);
  });

  it('while recording the run is retried after teardown if it is brief, and nothing is lost', async () => {
    let tries = 0;
    const finish = async (run: RunRecord) => {
      tries += 1;
      if (tries < 3) throw new DrillError('disk-full', 'no space for history', { mayPass: true });
      await drill.store.finish(run);
    };
    const drill = makeFakeDrill({ recordAgainAfterMs: [5, 5, 5], store: (inner) => overlay(inner, { finish }) });
    const run = await drill.run();
    expect(await drill.stored()).toEqual(run);
    expect(tries).toBe(3);
    const told = drill.events.filter((event) => event.type === 'log').map(({ message }) => message);
    expect(told[0]).toBe('could not record the run (no space for history); retrying');
  });

  it('after the run was recorded, but before the store answers, does not change the verdict', async () => {
    let tries = 0;
    const finish = async (run: RunRecord) => {
      tries += 1;
      await drill.store.finish(run);
      throw new DrillError('store-failed', 'connection lost', { mayPass: true });
    };
    const drill = makeFakeDrill({ recordAgainAfterMs: [5], store: (inner) => overlay(inner, { finish }) });
    expect(await drill.run()).toEqual(await drill.stored());
    expect(tries).toBe(2);
    expect(drill.events.at(-1)).toMatchObject({ type: 'run-ended', sentence: expect.stringMatching(/^PASSED /) });
  });

  it('while recording the run is not retried if it is permanent, whatever the cause', async () => {
    let tries = 0;
    const finish = async () => {
      tries += 1;
      throw new DrillError('store-failed', 'not an SQLite database', { cause: new Error('file is not a database') });
    };
    const drill = makeFakeDrill({ recordAgainAfterMs: [5, 5, 5], store: (inner) => overlay(inner, { finish }) });
    await expect(drill.run()).rejects.toMatchObject({ code: 'store-failed' });
    expect(tries).toBe(1);
  });

  it('while recording a kept run does not prevent the removal of its sandbox', async () => {
    const drill = makeFakeDrill({ keepMs: 3_600_000, store: (inner) => overlay(inner, { finish: full }) });
    await expect(drill.run()).rejects.toMatchObject({ code: 'disk-full' });
    expect(drill.calls).toContain('dispose');
  });

  it.each(['load', 'openSource'] as const)(
    'while adding stages does not hide the first error in %s, and the run ends',
    async (step) => {
      const drill = makeFakeDrill({
        hooks: { [step]: fail('backup-corrupt', 'the dump is damaged') },
        store: (inner) => overlay(inner, { addStage: full }),
      });
      const run = await drill.run();
      expect(run).toMatchObject({ verdict: 'failed', error: { code: 'backup-corrupt' } });
      expect(run.warnings).toContainEqual(expect.stringContaining('no space for history'));
      expect(drill.calls.includes('dispose')).toBe(step === 'load');
    },
  );

  it('while writing the log does not prevent the run from being recorded', async () => {
    const drill = makeFakeDrill({ store: (inner) => overlay(inner, { addLog: full }) });
    const run = await drill.run();
    expect(await drill.stored()).toEqual(run);
    expect(run.verdict).toBe('passed');
    expect(run.warnings).toContainEqual(expect.stringContaining('no space for history'));
  });

  it('while sending a heartbeat only adds a warning, and the run continues', async () => {
    const drill = makeFakeDrill({
      hooks: { load: () => vi.advanceTimersByTimeAsync(30_000) },
      store: (inner) => overlay(inner, { extendLease: full }),
    });
    const run = await drill.run();
    expect(run.verdict).toBe('passed');
    expect(run.warnings).toEqual([expect.stringContaining('no space for history')]);
  });
});

describe('a run that another process considers dead', () => {
  const takeForDead = (store: Store) => store.interruptAbandoned(new Date(), () => 'gone');

  it('is abandoned at its next heartbeat, torn down, and keeps the record that the other process wrote', async () => {
    const drill = makeFakeDrill({ hooks: { load: hang } });
    const running = drill.run();
    await drill.reached('load');
    const [marked] = await takeForDead(drill.store);
    await vi.advanceTimersByTimeAsync(32_000);
    expect(await running).toEqual(marked);
    expect(await drill.stored()).toEqual(marked);
    expect(drill.calls.slice(-2)).toEqual(['dispose', 'closeSource']);
    expect(drill.events.at(-1)).toMatchObject({
      type: 'run-ended',
      sentence: expect.stringMatching(/^INTERRUPTED orders: /),
    });
  });

  it('is abandoned at the end of a stage, if that comes first', async () => {
    const drill = makeFakeDrill({ hooks: { load: () => takeForDead(drill.store) } });
    expect(await drill.run()).toMatchObject({ status: 'interrupted', verdict: undefined });
    expect(drill.calls).not.toContain('openCheckSession');
    expect(drill.calls).toContain('dispose');
  });

  it('is not reported as passed or kept when this is noticed only on recording', async () => {
    const drill = makeFakeDrill({ keepMs: 3_600_000, hooks: { closeCheckSession: () => takeForDead(drill.store) } });
    expect(await drill.run()).toMatchObject({ status: 'interrupted', verdict: undefined });
    expect(drill.events.map(({ type }) => type)).not.toContain('kept');
    expect(drill.calls.filter((call) => call === 'dispose')).toHaveLength(1);
  });
});

it('a run is recorded even if one of its resources does not close', async () => {
  const drill = makeFakeDrill({ closing: () => fail('source-failed', 'the pool is stuck')() });
  const run = await drill.run();
  expect(run.verdict).toBe('passed');
  expect(await drill.stored()).toEqual(run);
  const told = drill.events.flatMap((event) => (event.type === 'log' ? [event.message] : []));
  expect(told).toEqual(['could not close resources of the run: the pool is stuck']);
});

describe('a kept run', () => {
  it('is removed once, and a failure to remove it throws and leaves the record unchanged', async () => {
    const drill = makeFakeDrill({ keepMs: 5, hooks: { dispose: fail('sandbox-leaked', 'box-1 is still there') } });
    await expect(runKept(drill)).rejects.toMatchObject({ code: 'sandbox-leaked' });
    expect(drill.calls.filter((call) => call === 'dispose')).toHaveLength(1);
    expect(await drill.stored()).toMatchObject({ verdict: 'passed' });
    expect(drill.events.map(({ type }) => type).slice(-2)).toEqual(['run-ended', 'kept']);
  });

  it('is recorded at once, shows how to connect, and is removed when its time is up', async () => {
    const drill = makeFakeDrill({ keepMs: 5 });
    const run = await runKept(drill);
    expect(run).toMatchObject({ verdict: 'passed', sandbox: { removed: false } });
    expect(drill.events.slice(-2)).toMatchObject([
      { type: 'run-ended' },
      { type: 'kept', shellCommand: 'docker exec -it box-1 sh', clientCommand: `psql -h /run -d 'it'\\''s; rm -rf x'` },
    ]);
    expect(drill.calls.at(-1)).toBe('dispose');
  });

  it('is kept even if its server no longer accepts connections', async () => {
    const drill = makeFakeDrill({ keepMs: 5, hooks: { prepareClient: fail('server-failed', 'it has gone away') } });
    await runKept(drill);
    expect(drill.events.at(-1)).toMatchObject({ type: 'kept', clientCommand: '' });
    expect(drill.calls.at(-1)).toBe('dispose');
  });

  it('is removed by Ctrl-C, and its verdict is unchanged', async () => {
    const drill = makeFakeDrill({
      keepMs: 3_600_000,
      answer: 598,
      hooks: { closeSource: () => drill.interrupt.abort() },
    });
    expect(await drill.run()).toMatchObject({ status: 'completed', verdict: 'failed' });
    expect(drill.calls.at(-1)).toBe('dispose');
  });

  it('is torn down at once when it is canceled', async () => {
    const drill = makeFakeDrill({ keepMs: 3_600_000, hooks: { load: hang } });
    const running = drill.run();
    await drill.reached('load');
    drill.interrupt.abort();
    await vi.advanceTimersByTimeAsync(2000);
    expect(await running).toMatchObject({ status: 'interrupted', sandbox: { removed: true } });
  });

  it('is torn down when its sandbox starts only after the deadline', async () => {
    const started = Promise.withResolvers<void>();
    const drill = makeFakeDrill({ keepMs: 3_600_000, deadlineMs: 120_000, hooks: { start: () => started.promise } });
    const running = drill.run();
    await drill.reached('start');
    await vi.advanceTimersByTimeAsync(125_000);
    started.resolve();
    await running;
    expect(drill.calls).toContain('dispose');
  });
});

/** Runs until the five milliseconds are over for which its sandbox is kept. */
async function runKept(drill: FakeDrill): Promise<RunRecord> {
  const running = drill.run();
  running.catch(() => undefined);
  await drill.reached('prepareClient');
  await vi.advanceTimersByTimeAsync(5);
  return running;
}

function overlay(inner: Store, changes: Partial<Store>): Store {
  return { ...inner, ...changes };
}
