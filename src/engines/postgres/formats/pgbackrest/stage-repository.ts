import { Readable } from 'node:stream';
import type { ListedFile, SourceFiles } from '../../../../backup/content.ts';
import type { Sandbox, SandboxFile } from '../../../../sandbox/sandbox.ts';

/** Files up to this size are prefetched, within limits on number and total size: a repository without bundles has one for each file of the server. */
const SMALL_BYTES = 2 * 2 ** 20;
const MAX_AHEAD = 24;
const MAX_AHEAD_BYTES = 4 * 2 ** 20;

export interface StagedFile {
  readonly file: ListedFile;
  /** Where it is written, relative to the staged repository. */
  readonly name: string;
}

/**
 * Copies files as stored into a directory of the sandbox. Small ones are fetched several at a time, and written in order.
 * @param onStaged called after each file with the total number of bytes written.
 */
export async function stageFiles(
  files: readonly StagedFile[],
  to: string,
  {
    source,
    sandbox,
    onStaged,
    signal,
  }: { source: SourceFiles; sandbox: Sandbox; onStaged: (bytes: number) => void; signal: AbortSignal },
): Promise<void> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  try {
    await sandbox.writeFiles(to, readAhead(files, { source, onStaged, signal: either }), either);
  } finally {
    failure.abort(new Error('nothing more is written')); // stops reads that were prefetched
  }
}

async function* readAhead(
  files: readonly StagedFile[],
  {
    source,
    onStaged,
    signal,
  }: { readonly source: SourceFiles; readonly onStaged: (bytes: number) => void; readonly signal: AbortSignal },
): AsyncGenerator<SandboxFile> {
  const reads = new Map<number, Promise<unknown[]>>();
  let next = 0;
  let aheadBytes = 0;
  let written = 0;
  for (const [index, { file, name }] of files.entries()) {
    for (; next < files.length && reads.size < MAX_AHEAD && aheadBytes < MAX_AHEAD_BYTES; next += 1) {
      const ahead = files[next]?.file;
      if (!ahead || ahead.sizeBytes > SMALL_BYTES) continue;
      const read = source.stream(ahead, signal).toArray();
      read.catch(() => undefined); // rethrown to the reader below
      reads.set(next, read);
      aheadBytes += ahead.sizeBytes;
    }
    const read = reads.get(index);
    const content = read ? Readable.from(await read) : source.stream(file, signal);
    if (reads.delete(index)) aheadBytes -= file.sizeBytes;
    yield { name, sizeBytes: file.sizeBytes, content };
    written += file.sizeBytes;
    onStaged(written);
  }
}
