import { expect, it, vi } from 'vitest';
import type { ProveRequest } from '../../../src/run/contract.ts';
import { DrillError } from '../../../src/support/errors.ts';
import type { DamageName } from '../../../src/support/vocabulary.ts';
import { FINGERPRINT_ADVICE } from '../../../src/verify/prove/advise.ts';
import { fakeHasher } from '../../verify/fake-hasher.ts';
import { makeFakeDrill, useFakeTime } from '../fake-drill.ts';

useFakeTime();

function ask(...kinds: DamageName[]): ProveRequest {
  return { kinds: new Set(kinds), seed: 'seed', places: 1, limitMs: undefined, isPartial: false };
}

it('tries a failing store, a slow source and altered bytes, each in its own sandbox, and records one run', async () => {
  const drill = makeFakeDrill({
    prove: ask('truncate', 'failing-store', 'slow-source', 'wrong-key', 'stale', 'foreign'),
  });
  const run = await drill.run();
  expect(run.verdict).toBe('passed');
  expect(run.proof).toMatchObject({ seed: 'seed' });
  expect(run.proof?.entries.map(({ kind, caughtBy, skipped }) => [kind, skipped ?? caughtBy.join()])).toEqual([
    ['truncate', 'the restored data is the same'], // the fake engine reads nothing
    ['stale', 'there is only one backup'],
    ['foreign', 'no other drill has a plain SQL dump backup'],
    ['failing-store', 'the run, errored (source-failed)'],
    ['slow-source', 'the RTO (too-slow)'],
    ['wrong-key', 'the backup is not encrypted'],
  ]);
  expect(await drill.store.findRuns({ limit: 10 })).toHaveLength(1);
  const count = (step: string) => drill.calls.filter((call) => call === step).length;
  expect(count('dispose')).toBe(count('start'));
  expect(count('closeSource')).toBe(count('openSource'));
  expect(drill.events.filter(({ type }) => type === 'run-ended')).toHaveLength(1);
});

it('keeps the verdict and the results so far when it is interrupted, and leaves no sandbox', async () => {
  const drill = makeFakeDrill({
    prove: ask('slow-source', 'failing-store'),
    hooks: {
      start: () => {
        if (drill.calls.filter((call) => call === 'start').length === 2) drill.interrupt.abort(new Error('Ctrl-C'));
      },
    },
  });
  const run = await drill.run();
  expect([run.status, run.verdict]).toEqual(['completed', 'passed']);
  expect(run.proof?.entries.map(({ kind, skipped }) => [kind, skipped])).toEqual([
    ['failing-store', undefined], // it ends before a sandbox exists
    ['slow-source', 'interrupted'],
  ]);
  expect(drill.calls.at(-1)).toBe('closeSource');
  expect(drill.calls.filter((call) => call === 'dispose')).toHaveLength(2);
});

it('keeps the verdict when it is interrupted while the restored copy is damaged', async () => {
  const damage = () => drill.interrupt.abort(new DrillError('interrupted', 'Ctrl-C'));
  const drill = makeFakeDrill({ prove: ask('empty', 'truncate'), hooks: { damage } });
  const run = await drill.run();
  expect([run.status, run.verdict, run.error, run.sandbox?.removed]).toEqual(['completed', 'passed', undefined, true]);
  expect(run.proof).toMatchObject({
    entries: [{ damage: 'further damage to the restored copy', skipped: 'interrupted' }],
    isPartial: true,
  });
  expect(drill.calls.filter((call) => call === 'start')).toHaveLength(1);
});

it('counts its own reads of the backup separately from those of the run', async () => {
  const alone = await makeFakeDrill().run();
  const run = await makeFakeDrill({ prove: ask('truncate') }).run();
  expect(run.reading?.actual).toEqual(alone.reading?.actual);
  expect(run.reading?.proof?.bytes).toBeGreaterThan(0);
  expect(alone.reading?.proof).toBeUndefined();
});

it('skips what does not fit into the time limit of a scheduled proof', async () => {
  const drill = makeFakeDrill({ prove: { ...ask('failing-store', 'slow-source'), limitMs: -1 } });
  const run = await drill.run();
  expect(run.proof?.entries.map(({ skipped }) => skipped?.startsWith('no time left'))).toEqual([true, true]);
});

it('tries nothing after a failed run', async () => {
  const drill = makeFakeDrill({ prove: ask('failing-store'), answer: 1 });
  const run = await drill.run();
  expect(run.verdict).toBe('failed');
  expect(run.proof).toBeUndefined();
});

it.each(['wrong-data', 'server-failed'] as const)(
  'damage found only by reading every row has slipped through when that read ends with %s',
  async (code) => {
    const damaged = { ...fakeHasher(), listTables: () => Promise.reject(new DrillError(code, 'invalid page')) };
    const hashers = [fakeHasher(), damaged];
    const drill = makeFakeDrill({ prove: ask('flip'), makeHasher: () => hashers.shift() ?? fakeHasher() });
    const run = await drill.run();
    expect(run.verdict).toBe('passed');
    expect(run.proof?.entries).toMatchObject([{ kind: 'flip', caughtBy: [], advice: FINGERPRINT_ADVICE }]);
    expect(run.proof?.entries[0]?.skipped).toBeUndefined();
  },
);

it('a backup in a repository is not served under another’s name', async () => {
  const drill = makeFakeDrill({ prove: ask('stale', 'foreign'), isInRepository: true });
  const run = await drill.run();
  const why = 'a backup in a repository cannot take another’s name';
  expect(run.proof?.entries.map(({ kind, skipped }) => [kind, skipped])).toEqual([
    ['stale', why],
    ['foreign', why],
  ]);
});

it('is partial when the sandbox is kept, and lists what it skipped', async () => {
  const drill = makeFakeDrill({ prove: ask('failing-store', 'flip'), keepMs: 10 });
  const running = drill.run();
  await vi.advanceTimersByTimeAsync(60_000);
  const { proof, verdict } = await running;
  expect([verdict, proof?.isPartial]).toEqual(['passed', true]);
  expect(proof?.entries.map(({ kind, skipped }) => [kind, skipped])).toEqual([
    ['flip', 'the sandbox was kept'],
    ['failing-store', 'the sandbox was kept'],
  ]);
});

it('ends a run that exceeds the rest of the time limit', async () => {
  const hour = 3_600_000;
  let loads = 0;
  const drill = makeFakeDrill({
    deadlineMs: 10 * hour,
    prove: { ...ask('truncate', 'slow-source'), limitMs: hour / 4 },
    hooks: {
      load: () => {
        loads += 1;
        return loads === 2 ? new Promise((resolve) => setTimeout(resolve, 9 * hour)) : undefined;
      },
    },
  });
  const startedMs = Date.now();
  const running = drill.run();
  await vi.advanceTimersByTimeAsync(10 * hour);
  const run = await running;
  expect([run.status, run.verdict]).toEqual(['completed', 'passed']);
  expect(run.proof?.entries.map(({ skipped }) => skipped)).toEqual([
    'no time left of 15 min',
    'no time left of 15 min',
  ]);
  expect((run.endedAt?.getTime() ?? 0) - startedMs).toBeLessThan(hour / 2);
});
