import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { ExecOutput } from '../../src/sandbox/container/exec-streams.ts';

it('waits once for a slow reader, however many small chunks arrive at once', async () => {
  let release = (): void => undefined;
  const slow = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, done) => {
      release = done;
    },
  });
  const output = new ExecOutput({ stdout: slow }, new AbortController().signal);
  const waits = Array.from({ length: 50 }, () => output.takeStdout(Buffer.from('row')));
  expect(slow.listenerCount('drain')).toBe(1);
  for (let index = 0; index < 50; index += 1) {
    release();
    await new Promise(setImmediate);
  }
  await Promise.all(waits);
  expect(slow.listenerCount('drain')).toBe(0);
});
