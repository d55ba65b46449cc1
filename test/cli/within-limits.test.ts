import { expect, it, vi } from 'vitest';
import { runWithinLimits } from '../../src/cli/within-limits.ts';
import { readsFrom } from '../../src/config/reads-from.ts';
import type { DrillRequest } from '../../src/run/contract.ts';
import { runDrill } from '../../src/run/run-drill.ts';
import { systemClock } from '../../src/support/clock.ts';
import { drillOf } from '../daemon/fake-daemon.ts';
import { makeFakeDrill, useFakeTime } from '../run/fake-drill.ts';
import { passedRun, runningRun } from '../support/run-records.ts';
import { memoryIo } from './memory-io.ts';

useFakeTime();

const drill = drillOf('orders', undefined);

it('a manual run waits for the limit of its source, and says so once', async () => {
  const { services } = makeFakeDrill();
  const { store } = services;
  const [source = ''] = readsFrom(drill);
  const limits = { runs: [{ kind: 'source', name: source, maxRuns: 1 } as const], rates: [] };
  await store.claim(runningRun({ id: 'other', drill: 'other', readsFrom: [source] }));
  const io = memoryIo('/');
  const request: DrillRequest = {
    drill,
    triggeredBy: 'by hand (alice)',
    trigger: { kind: 'hand', dueAt: undefined, attempt: 1 },
    due: undefined,
    runtime: undefined,
    keep: { ms: undefined, limitMs: 0 },
    emit: () => undefined,
    interrupt: io.interrupt,
  };
  const start = (one: DrillRequest) => runDrill(one, services);
  const running = runWithinLimits(request, start, { io, clock: systemClock }, { store, limits });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(io.err()).toBe(
    `orders waits for source ${source}: 1 of 1 runs read from it; start it now with --ignore-limits\n`,
  );
  expect(await store.findRuns({ drill: 'orders', limit: 1 })).toEqual([]);
  await store.finish(passedRun({ id: 'other', drill: 'other' }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await running).toMatchObject({ verdict: 'passed' });
});
