import { expect, test } from 'vitest';
import { withErrorCounting } from '../../src/record/with-error-counting.ts';
import { DrillError } from '../../src/support/errors.ts';
import { createMemoryStore } from '../support/memory-store.ts';

test('reports each failure once and passes it on', async () => {
  const failed = new DrillError('store-failed', 'the disk is gone');
  const errors: DrillError[] = [];
  const broken = { ...createMemoryStore(), countRuns: () => Promise.reject(failed) };
  const store = withErrorCounting(broken, (error) => errors.push(error));
  await expect(store.countRuns()).rejects.toBe(failed);
  expect(errors).toEqual([failed]);
  expect(await store.getAlerts()).toEqual([]);
});

test('does not count a request for a run that does not exist', async () => {
  const errors: DrillError[] = [];
  const store = withErrorCounting(createMemoryStore(), (error) => errors.push(error));
  await expect(store.getRun('nope')).rejects.toThrow();
  expect(errors).toEqual([]);
});

test('does not count a lost store that fails to close', async () => {
  const errors: DrillError[] = [];
  const failed = new DrillError('store-failed', 'the store was deleted');
  const broken = { ...createMemoryStore(), [Symbol.asyncDispose]: () => Promise.reject(failed) };
  const store = withErrorCounting(broken, (error) => errors.push(error));
  await expect(store[Symbol.asyncDispose]()).rejects.toBe(failed);
  expect(errors).toEqual([]);
});
