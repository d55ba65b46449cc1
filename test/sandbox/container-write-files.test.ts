import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { PipedPlace } from '../../src/sandbox/container/piped-command.ts';
import { writeFilesToSandbox } from '../../src/sandbox/container/write-files.ts';
import type { ExecOptions, ExecResult, SandboxFile } from '../../src/sandbox/sandbox.ts';

const never = new AbortController().signal;
const FULL = 'tar: 000000010000000000000003: Cannot write: No space left on device';

/** Its tar behaves like GNU tar: it reports that the disk is full, here at a given moment, and continues to read its input to the end. */
function fullSandbox(full: Promise<void>): PipedPlace {
  return {
    paths: { data: '/drill/data', scratch: '/drill/scratch', run: '/drill/run' } as PipedPlace['paths'],
    exec: async (_argv, { stdin, onStderrLine, signal }: ExecOptions): Promise<ExecResult> => {
      const ended = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => ended.reject(signal.reason), { once: true });
      stdin?.resume().once('end', ended.resolve);
      full.then(() => onStderrLine?.(FULL));
      await ended.promise;
      return { exitCode: 2, stdout: '', stderr: FULL };
    },
  };
}

it('gives up at the first file that does not fit, without waiting for the next one, which is closed when it arrives', async () => {
  const full = Promise.withResolvers<void>();
  const waits = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const late = new Readable({ read: () => undefined });
  const files = async function* (): AsyncGenerator<SandboxFile> {
    try {
      yield { name: 'segment', sizeBytes: 3, content: Readable.from([Buffer.from('log')]) };
      full.resolve();
      await waits.promise; // as when waiting for space that the server frees by replaying the segment
      yield { name: 'next', sizeBytes: 3, content: late };
    } finally {
      closed.resolve();
    }
  };
  const writing = writeFilesToSandbox(fullSandbox(full.promise), '/drill/scratch/log', files(), never);
  await expect(writing).rejects.toMatchObject({ code: 'disk-full', message: expect.stringContaining(FULL) });
  waits.resolve();
  await closed.promise;
  expect(late.destroyed).toBe(true);
});

it('closes a file that may not be written because of its name', async () => {
  const content = new Readable({ read: () => undefined });
  const files = Readable.from([{ name: '../escape', sizeBytes: 3, content }]);
  const writing = writeFilesToSandbox(fullSandbox(new Promise(() => undefined)), '/drill/scratch/log', files, never);
  await expect(writing).rejects.toMatchObject({ code: 'backup-unrecognised' });
  expect(content.destroyed).toBe(true);
});
