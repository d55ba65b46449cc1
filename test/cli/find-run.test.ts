import { expect, it } from 'vitest';
import { findRun } from '../../src/cli/find-run.ts';
import { expectCode } from '../support/expect-code.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { NOON, runningRun } from '../support/run-records.ts';

async function storeOf(...runs: readonly (readonly [id: string, drill: string])[]) {
  const store = createMemoryStore();
  for (const [minutes, [id, drill]] of runs.entries())
    await store.claim(runningRun({ id, drill, startedAt: new Date(NOON.getTime() + minutes * 60_000) }));
  return store;
}

it('accepts an id, the beginning of one, a drill for its newest run, and latest', async () => {
  const store = await storeOf(['1-aa', 'orders'], ['1-ab', 'orders'], ['2-aa', 'shop']);
  const idOf = async (word: string) => (await findRun(store, word)).id;
  expect(await idOf('1-aa')).toBe('1-aa');
  expect(await idOf('2')).toBe('2-aa');
  expect(await idOf('orders')).toBe('1-ab');
  expect(await idOf('latest')).toBe('2-aa');
});

it.each(['nope', '1-a', ''])('finds no run for %j', async (word) => {
  const store = await storeOf(['1-aa', 'orders'], ['1-ab', 'orders']);
  await expectCode('run-not-found', () => findRun(store, word));
});

it('says that nothing has run yet', async () => {
  await expect(findRun(createMemoryStore(), 'latest')).rejects.toThrow('nothing has run yet');
});
