import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { PipedPlace } from '../../src/sandbox/container/piped-command.ts';
import { writeFilesToSandbox } from '../../src/sandbox/container/write-files.ts';
import type { ExecOptions, ExecResult, SandboxFile } from '../../src/sandbox/sandbox.ts';

const never = new AbortController().signal;
const FULL = 'tar: 000000010000000000000003: Cannot write: No space left on device';

/** Its tar behaves as GNU tar does: it says that the disk is full, and reads on to the end of its input. */
function fullSandbox(): PipedPlace {
  return {
    paths: { data: '/drill/data', scratch: '/drill/scratch', run: '/drill/run' } as PipedPlace['paths'],
    exec: async (_argv, { stdin, onStderrLine, signal }: ExecOptions): Promise<ExecResult> => {
      const ended = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => ended.reject(signal.reason), { once: true });
      stdin?.once('data', () => onStderrLine?.(FULL)).once('end', ended.resolve);
      await ended.promise;
      return { exitCode: 2, stdout: '', stderr: FULL };
    },
  };
}

it('gives up at the first file that does not fit, while the next one is waited for', async () => {
  const waits = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const files = async function* (): AsyncGenerator<SandboxFile> {
    try {
      yield { name: 'segment', sizeBytes: 3, content: Readable.from([Buffer.from('log')]) };
      await waits.promise; // as for room, which there is once the server has replayed the segment
    } finally {
      closed.resolve();
    }
  };
  const writing = writeFilesToSandbox(fullSandbox(), '/drill/scratch/log', files(), never);
  await expect(writing).rejects.toMatchObject({ code: 'disk-full', message: expect.stringContaining(FULL) });
  waits.resolve();
  await closed.promise;
});
