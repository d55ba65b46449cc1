import { once } from 'node:events';
import { addAbortSignal, PassThrough } from 'node:stream';
import { expect, it, test } from 'vitest';
import { asDrillError, DrillError } from '../../src/support/errors.ts';

const first = new DrillError('store-failed', 'the store is locked');
const failsToClose = {
  [Symbol.dispose]: () => {
    throw new Error('cannot close');
  },
};

function failAndClose(thrown: unknown, depth: number): void {
  using _ = failsToClose;
  if (depth > 0) failAndClose(thrown, depth - 1);
  throw thrown;
}

test.each([0, 2])('an error replaced by %i failed cleanups is the first cause', (depth) => {
  const thrown = (() => {
    try {
      return failAndClose(first, depth);
    } catch (error) {
      return error;
    }
  })();
  expect(thrown).toBeInstanceOf(SuppressedError);
  expect(asDrillError(thrown, 'verify')).toBe(first);
  expect(first.stage).toBe('verify');
});

it('an abort that Node reports is the error that it was aborted with', async () => {
  const abort = new AbortController();
  const stream = addAbortSignal(abort.signal, new PassThrough());
  const failed = once(stream, 'error');
  abort.abort(first);
  const [thrown] = (await failed) as [unknown];
  expect(thrown).toMatchObject({ name: 'AbortError' });
  expect(asDrillError(thrown)).toBe(first);
  expect(asDrillError(new DOMException('gone', 'AbortError')).code).toBe('internal');
});
