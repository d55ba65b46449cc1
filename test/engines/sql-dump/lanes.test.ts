import { describe, expect, it } from 'vitest';
import { type Lane, Lanes, type Task } from '../../../src/engines/sql-dump/lanes.ts';

const lane = (): Promise<Lane<string>> => Promise.resolve({ client: 'a session', settingsApplied: 0 });

/** Tasks that end when told to, and the names of those that have begun. */
function makeTasks() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const task = (name: string, tables: string[], changes: Partial<Task<string>> = {}): Task<string> => ({
    tables,
    shared: false,
    cost: 0,
    sizeBytes: 1,
    run: () => {
      begun.push(name);
      return new Promise((resolve) => ends.set(name, resolve));
    },
    ...changes,
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const end = async (name: string) => {
    ends.get(name)?.();
    await settle();
  };
  return { begun, task, end, settle };
}

describe('parallel load sessions', () => {
  it('keep the order of statements on the same table, and let others run', async () => {
    const { begun, task, end, settle } = makeTasks();
    const lanes = new Lanes(3, lane);
    for (const [name, tables] of [
      ['a1', ['a']],
      ['a2', ['a']],
      ['ab', ['a', 'b']],
      ['b', ['b']],
      ['c', ['c']],
    ] as const) {
      lanes.submit(task(name, [...tables]));
    }
    await settle();
    expect(begun).toEqual(['a1', 'c']);
    await end('c');
    await end('a1');
    expect(begun).toEqual(['a1', 'c', 'a2']);
    await end('a2');
    await end('ab');
    expect(begun).toEqual(['a1', 'c', 'a2', 'ab', 'b']);
  });

  it('build several indexes of a table at once, but a key only before or after them', async () => {
    const { begun, task, end, settle } = makeTasks();
    const lanes = new Lanes(4, lane);
    lanes.submit(task('index 1', ['a'], { shared: true }));
    lanes.submit(task('index 2', ['a'], { shared: true }));
    lanes.submit(task('key', ['a']));
    lanes.submit(task('index 3', ['a'], { shared: true }));
    await settle();
    expect(begun).toEqual(['index 1', 'index 2']);
    await end('index 1');
    await end('index 2');
    expect(begun).toEqual(['index 1', 'index 2', 'key']);
    await end('key');
    expect(begun.at(-1)).toBe('index 3');
  });

  it('start with the longest work', async () => {
    const { begun, task, end, settle } = makeTasks();
    const lanes = new Lanes(1, lane);
    lanes.submit(task('small', ['a'], { cost: 1 }));
    lanes.submit(task('large', ['b'], { cost: 9 }));
    await settle();
    await end(begun[0] ?? '');
    expect(begun).toEqual(['large', 'small']);
  });

  it('report when all is done, and when no session is available', async () => {
    const { task, end, settle } = makeTasks();
    const lanes = new Lanes(2, lane);
    lanes.submit(task('a', ['a']));
    await settle();
    let isDrained = false;
    const drained = lanes.drain().then(() => {
      isDrained = true;
    });
    await settle();
    expect(isDrained).toBe(false);
    await end('a');
    await drained;
    const closed = new Lanes<string>(1, () => Promise.reject(new Error('too many connections')));
    closed.submit(task('b', ['b']));
    await expect(closed.drain()).rejects.toThrow('too many connections');
  });

  it('keep failing with the error of a failed task', async () => {
    const { task, settle } = makeTasks();
    const lanes = new Lanes(2, lane);
    const lost = new Error('the connection is lost');
    lanes.submit(task('a', ['a'], { run: () => Promise.reject(lost) }));
    await expect(lanes.drain()).rejects.toBe(lost);
    await settle();
    await expect(lanes.drain()).rejects.toBe(lost);
  });
});
