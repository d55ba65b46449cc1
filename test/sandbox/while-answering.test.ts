import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { whileAnswering } from '../../src/sandbox/docker/while-answering.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function engineThatAnswers(version: () => Promise<object>) {
  return { version: version as () => Promise<never> };
}

describe('the time limit for removing data', () => {
  it('is extended while the engine answers other requests', async () => {
    const version = vi.fn(async () => ({}));
    using limit = whileAnswering(engineThatAnswers(version), 'removing a sandbox');
    await vi.advanceTimersByTimeAsync(14 * MINUTE_MS);
    expect(limit.signal.aborted).toBe(false);
    expect(version).toHaveBeenCalledTimes(84);
  });

  it('is reached in the end, even if the engine answers', async () => {
    using limit = whileAnswering(
      engineThatAnswers(async () => ({})),
      'removing a sandbox',
    );
    await vi.advanceTimersByTimeAsync(15 * MINUTE_MS);
    expect(limit.signal.reason).toMatchObject({
      code: 'engine-unreachable',
      message: expect.stringContaining('within 15 min while removing a sandbox'),
    });
  });

  it.each([
    ['does not answer', () => new Promise<object>(() => undefined)],
    ['is gone', () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))],
  ])('is reached within 40 s if the engine %s', async (_how, version) => {
    using limit = whileAnswering(engineThatAnswers(version), 'removing a sandbox');
    await vi.advanceTimersByTimeAsync(40 * SECOND_MS);
    expect(limit.signal.reason).toMatchObject({ code: 'engine-unreachable' });
  });

  it('leaves no timer behind, even if disposed of while the engine is being asked', async () => {
    const asked = Promise.withResolvers<object>();
    const limit = whileAnswering(
      engineThatAnswers(() => asked.promise),
      'removing a sandbox',
    );
    await vi.advanceTimersByTimeAsync(10 * SECOND_MS);
    limit[Symbol.dispose]();
    asked.resolve({});
    await vi.advanceTimersByTimeAsync(30 * SECOND_MS); // the deadline of that request
    expect(vi.getTimerCount()).toBe(0);
  });
});
