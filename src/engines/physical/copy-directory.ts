import { Readable } from 'node:stream';
import type { DirectoryContent } from '../../backup/content.ts';
import type { Sandbox, SandboxFile } from '../../sandbox/sandbox.ts';

/** Small files are read whole, several at once: a data directory has thousands, and each takes one request. */
const SMALL_BYTES = 2 ** 20;
const MAX_AHEAD = 16;

/** Copies a plain data directory into the sandbox, file by file and in order; holds at most 16 MiB of it in memory. */
export async function copyDirectory(
  content: DirectoryContent,
  directory: string,
  { sandbox, signal }: { readonly sandbox: Sandbox; readonly signal: AbortSignal },
): Promise<void> {
  await sandbox.writeFiles(directory, readMembers(content, signal), signal);
}

/** The members in order; the next small ones are prefetched while one is consumed. */
export async function* readMembers(content: DirectoryContent, signal: AbortSignal): AsyncGenerator<SandboxFile> {
  const stopping = new AbortController();
  const either = AbortSignal.any([signal, stopping.signal]);
  const names = [...content.members.keys()];
  const ahead: (Promise<Buffer> | undefined)[] = [];
  try {
    for (const [index, name] of names.entries()) {
      while (ahead.length < Math.min(names.length, index + MAX_AHEAD)) ahead.push(readSmall(names[ahead.length] ?? ''));
      const bytes = await ahead[index];
      ahead[index] = undefined; // frees its memory
      const exact = content.members.get(name)?.exactBytes;
      yield bytes
        ? { name, sizeBytes: bytes.length, content: Readable.from([bytes]) }
        : { name, sizeBytes: exact, content: content.stream(name, either) };
    }
  } finally {
    stopping.abort();
    await Promise.allSettled(ahead);
  }

  /** @returns undefined for a file too large to hold in memory; it is streamed when its turn comes. */
  function readSmall(name: string): Promise<Buffer> | undefined {
    const exact = content.members.get(name)?.exactBytes;
    if (exact === undefined || exact > SMALL_BYTES) return undefined;
    const reading = whole(content.stream(name, either));
    reading.catch(() => undefined); // rethrown when its turn comes
    return reading;
  }
}

/** Not by `buffer` of node:stream/consumers, whose detour through a Blob costs more than reading a small file. */
async function whole(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const [only] = chunks;
  return only && chunks.length === 1 ? only : Buffer.concat(chunks);
}
