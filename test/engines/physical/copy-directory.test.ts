import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { copyDirectory } from '../../../src/engines/physical/copy-directory.ts';
import type { Sandbox, SandboxFile } from '../../../src/sandbox/sandbox.ts';
import { directoryContent } from '../../support/fake-content.ts';

const never = new AbortController().signal;

/** A sandbox that accepts files as fast as `take` does. */
const sandboxThat = (take: (file: SandboxFile) => Promise<void>): Sandbox =>
  ({
    writeFiles: async (_directory: string, files: AsyncIterable<SandboxFile>) => {
      for await (const file of files) await take(file);
    },
  }) satisfies Partial<Sandbox> as unknown as Sandbox;

const files = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`base/5/${1000 + index}`, `file ${index}`]));

it('the files of a data directory are copied in order, at most 16 of them at once', async () => {
  const content = directoryContent(files);
  let open = 0;
  let most = 0;
  const taken: [string, string][] = [];
  const sandbox = sandboxThat(async ({ name, content }) => {
    most = Math.max(most, open);
    taken.push([name, await text(content)]);
    open -= 1;
  });
  const stream = (name: string) => {
    open += 1;
    return content.stream(name, never);
  };
  await copyDirectory({ ...content, stream }, '/data', { sandbox, signal: never });
  expect(taken).toEqual(Object.entries(files));
  expect(most).toBe(16);
});

it('a file that cannot be read fails when its turn comes, and reads of later files are aborted', async () => {
  const content = directoryContent(files);
  const signals: AbortSignal[] = [];
  const taken: string[] = [];
  const stream = (name: string, signal: AbortSignal): Readable => {
    signals.push(signal);
    if (name !== 'base/5/1003') return content.stream(name, signal);
    return new Readable({
      read() {
        this.destroy(new Error('hung up'));
      },
    });
  };
  const sandbox = sandboxThat(async ({ name, content }) => {
    taken.push(name);
    await text(content);
  });
  await expect(copyDirectory({ ...content, stream }, '/data', { sandbox, signal: never })).rejects.toThrow('hung up');
  expect(taken).toEqual(['base/5/1000', 'base/5/1001', 'base/5/1002']);
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
});
