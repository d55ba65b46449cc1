import { describe, expect, it, vi } from 'vitest';
import { measureData } from '../../src/run/measure-data.ts';
import type { ExecResult, Sandbox } from '../../src/sandbox/sandbox.ts';
import { fail, hang, makeFakeDrill, useFakeTime } from './fake-drill.ts';

useFakeTime();

describe('the disk use of restored data', () => {
  it('is recorded with the run, measured after the checks and before the sandbox is removed', async () => {
    const drill = makeFakeDrill();
    const run = await drill.run();
    expect(run.sandbox?.dataBytes).toBe(41_200 * 1024);
    expect(drill.calls.indexOf('measure')).toBeGreaterThan(drill.calls.indexOf('closeCheckSession'));
    expect(drill.calls.indexOf('measure')).toBeLessThan(drill.calls.indexOf('dispose'));
  });

  it('is not part of recovery time', async () => {
    const run = await makeFakeDrill({ hooks: { measure: () => vi.advanceTimersByTimeAsync(3000) } }).run();
    expect(run).toMatchObject({ recoveryTimeMs: 0, stages: { length: 7, 6: { name: 'teardown', durationMs: 3000 } } });
  });

  it('is also recorded when the data is wrong', async () => {
    expect(await makeFakeDrill({ answer: 598 }).run()).toMatchObject({
      verdict: 'failed',
      sandbox: { dataBytes: 41_200 * 1024 },
    });
  });

  it('is unknown when the sandbox cannot measure it, and the run still passes', async () => {
    const hooks = { measure: fail('sandbox-died', 'made by the test') };
    expect(await makeFakeDrill({ hooks }).run()).toMatchObject({
      verdict: 'passed',
      warnings: [],
      sandbox: { dataBytes: undefined, removed: true },
    });
  });

  it('is unknown when the sandbox does not respond within 5 s', async () => {
    const drill = makeFakeDrill({ hooks: { measure: hang } });
    const running = drill.run();
    await drill.reached('measure');
    await vi.advanceTimersByTimeAsync(4999);
    expect(drill.calls).not.toContain('dispose');
    await vi.advanceTimersByTimeAsync(1);
    expect(await running).toMatchObject({ verdict: 'passed', sandbox: { dataBytes: undefined, removed: true } });
  });

  it('is not measured when nothing was loaded or the run was canceled', async () => {
    const failed = makeFakeDrill({ hooks: { load: fail('restore-failed', 'made by the test') } });
    await failed.run();
    const stopped = makeFakeDrill({ hooks: { query: hang } });
    const running = stopped.run();
    await stopped.reached('query');
    stopped.interrupt.abort();
    await vi.advanceTimersByTimeAsync(2000);
    expect((await running).status).toBe('interrupted');
    expect([...failed.calls, ...stopped.calls]).not.toContain('measure');
  });

  it.each([
    ['', 0],
    ['du: cannot read\n', 0],
    ['41200\t/data\n', 1],
  ])('is unknown when du prints %j and exits with %i', async (stdout, exitCode) => {
    const exec = async (): Promise<ExecResult> => ({ exitCode, stdout, stderr: '' });
    const sandbox = { exec, paths: { data: '/data' }, gone: new AbortController().signal } as unknown as Sandbox;
    expect(await measureData(sandbox, new AbortController().signal)).toBeUndefined();
  });
});
