import { expect, it } from 'vitest';
import { checkSchema } from '../../../../src/config/check-schema.ts';
import type { PastCheck } from '../../../../src/record/check-record.ts';
import { latencyCheck } from '../../../../src/verify/kinds/latency/latency-check.ts';
import { fakeCatalog, fakeContext, resultOf } from '../../fake-pool.ts';

const read = (file: Record<string, unknown>, report: (message: string) => void = (message) => expect.fail(message)) =>
  checkSchema
    .parse({ name: 'x', latency: 'select 1', runs: 20, ...file })
    .resolve({ textOf: () => undefined, report: (_path, message) => report(message) });

/** Three warm-ups of a second each, then twenty runs of 1 ms to 20 ms. */
async function run(file: Record<string, unknown>, earlier: readonly PastCheck[] = [], plan = ['Seq Scan on a']) {
  const spec = read(file);
  if (spec?.kind !== 'latency') throw new Error('not of this kind');
  let count = 0;
  const context = fakeContext(
    async () => {
      count += 1;
      return { ...resultOf([1]), tookMs: count <= 3 ? 1000 : count - 3 };
    },
    { catalog: fakeCatalog({ explain: plan }), previous: async () => earlier },
  );
  return latencyCheck.run(spec, context);
}

function past(p50Ms: number, plan = ['Seq Scan on a']): PastCheck {
  const record = {
    name: 'x',
    passed: true,
    expected: '',
    actual: '',
    durationMs: 1,
    measured: { p50Ms, p95Ms: p50Ms, plan },
  };
  return { runId: 'earlier', startedAt: new Date(0), takenAt: new Date(0), record };
}

it('compares p50 and p95 with their limits, without the warm-up runs', async () => {
  const within = await run({ p50: '10ms', p95: '19ms' });
  expect(within).toMatchObject({
    passed: true,
    expected: 'p50 at most 10 ms, p95 at most 19 ms',
    actual: 'p50 10 ms, p95 19 ms in 20 runs',
  });
  expect(within.measured).toEqual({ p50Ms: 10, p95Ms: 19, plan: ['Seq Scan on a'] });
  expect(await run({ p50: '9ms' })).toMatchObject({ passed: false, details: ['Seq Scan on a'] });
  expect(await run({ p95: '18ms' })).toMatchObject({ passed: false });
});

it('compares with its own history once that is long enough, and ignores noise', async () => {
  const slower = { maxIncrease: '50%' };
  expect(await run(slower, [past(1), past(1)])).toMatchObject({
    passed: true,
    actual: expect.stringMatching(/not compared: 2 earlier runs, 3 needed$/),
  });
  expect(await run(slower, [past(4), past(4.5), past(100)])).toMatchObject({
    passed: false,
    actual: expect.stringMatching(/usual p50 4.5 ms \(\+122 %\)$/),
  });
  expect(await run(slower, [past(8), past(9), past(7)])).toMatchObject({ passed: true });
  expect(await run({ maxIncrease: '10%' }, [past(6), past(6), past(6)])).toMatchObject({ passed: true }); // 4 ms
});

it('shows a changed plan without failing', async () => {
  expect(await run({ p50: '1s' }, [past(10, ['Index Scan using a_pkey'])])).toMatchObject({
    passed: true,
    actual: 'p50 10 ms, p95 19 ms in 20 runs; the plan changed',
    details: ['plan in run earlier:', '- Index Scan using a_pkey', 'plan now:', '+ Seq Scan on a'],
  });
});

it('refuses a check without a limit, and an invalid limit', () => {
  const messages: string[] = [];
  read({}, (message) => messages.push(message));
  expect(messages).toEqual(['has no limit, so the check could not fail; set p50, p95 or maxIncrease']);
  for (const maxIncrease of ['0%', '2000%', 'x', 5])
    expect(() => read({ maxIncrease })).toThrow('must be a percentage from 1% to 1000%');
});
