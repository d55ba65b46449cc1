import { describe, expect, it } from 'vitest';
import { type DumpLoad, loadDump, readItems } from '../../../src/engines/sql-dump/load-dump.ts';

const options = (signal: AbortSignal) => ({
  jobs: 1,
  database: undefined,
  ignoreErrors: [],
  onProgress: () => undefined,
  signal,
});

describe('a load', () => {
  const steps = (seen: string[], failing?: string): DumpLoad => {
    const step = async (name: string): Promise<void> => {
      seen.push(name);
      if (name === failing) throw new Error(`${name} failed`);
    };
    return {
      begin: () => step('begin'),
      read: () => step('read'),
      finish: () => step('finish').then(() => 'shop'),
      close: () => step('close'),
    };
  };

  it('goes from preparation to end, and returns the outcome', async () => {
    const seen: string[] = [];
    const outcome = await loadDump(options(new AbortController().signal), (errors) => {
      errors.warn('w');
      return steps(seen);
    });
    expect(outcome).toMatchObject({ database: 'shop', errorCount: 0, warnings: ['w'] });
    expect(seen).toEqual(['begin', 'read', 'finish', 'close']);
  });

  it.each(['begin', 'read', 'finish'])('closes its sessions when its %s fails', async (name) => {
    const seen: string[] = [];
    await expect(loadDump(options(new AbortController().signal), () => steps(seen, name))).rejects.toThrow(
      `${name} failed`,
    );
    expect(seen.slice(-2)).toEqual([name, 'close']);
  });

  it('fails with the reason of its signal once aborted', async () => {
    const reason = new Error('deadline');
    await expect(loadDump(options(AbortSignal.abort(reason)), () => steps([], 'read'))).rejects.toBe(reason);
  });
});

describe('reading items', () => {
  it('handles them in order, waits for those that need it, and discards the rest on an error', async () => {
    const seen: string[] = [];
    const splitter = {
      push: (chunk: Buffer) => chunk.toString().split(''),
      end: () => ['last'],
      [Symbol.dispose]: () => void seen.push('disposed'),
    };
    const read = (take: (item: string) => Promise<void> | undefined): Promise<void> =>
      readItems(chunks('ab', 'c'), splitter, {
        take,
        onChunk: () => void seen.push('chunk'),
        onEnd: () => void seen.push('end'),
      });
    await read((item) => {
      if (item !== 'a') return void seen.push(item);
      return Promise.resolve().then(() => void seen.push('waited for a'));
    });
    expect(seen).toEqual(['waited for a', 'b', 'chunk', 'c', 'chunk', 'end', 'last', 'disposed']);
    seen.length = 0;
    await expect(read(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(seen).toEqual(['disposed']);
  });
});

async function* chunks(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}
