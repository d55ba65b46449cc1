import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import type { SandboxFile } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';

/** POSIX ustar, which pg_dump writes, as well as GNU and pax archives: all have the magic at byte 257. */
export function isTar(head: Buffer): boolean {
  return head.length >= 512 && head.toString('latin1', 257, 262) === 'ustar';
}

/**
 * The regular files of a tar, in order; each must be read to the end before the next is requested. Folders
 * are removed from names: a directory archive is flat, and nothing may be written elsewhere.
 * @throws DrillError `backup-truncated` or `backup-corrupt`, or what the source threw.
 */
export async function* readTarMembers(source: Readable, signal: AbortSignal): AsyncGenerator<SandboxFile> {
  const members = extract();
  members.on('error', () => undefined); // reported by the loop below; without a listener it would end the process
  const feeding = pipeline(source, members, { signal }).then(
    () => undefined,
    (error: unknown) => error,
  );
  const explain = async (error: unknown): Promise<unknown> => {
    const cause = (await settled(feeding)) ?? error;
    if (signal.aborted) return signal.reason;
    return cause instanceof DrillError ? cause : tarDamage(cause);
  };
  const seen = new Set<string>();
  try {
    for await (const entry of members) {
      const name = memberName(entry.header, seen);
      const content = Readable.from(explained(entry, explain), { objectMode: false });
      content.on('error', () => undefined); // likewise
      if (name === undefined) content.resume();
      else yield { name, sizeBytes: entry.header.size, content };
    }
  } catch (error) {
    throw error instanceof DrillError ? error : await explain(error);
  } finally {
    source.destroy();
    members.destroy();
  }
}

async function* explained(
  entry: AsyncIterable<unknown>,
  explain: (error: unknown) => Promise<unknown>,
): AsyncGenerator<unknown> {
  try {
    yield* entry;
  } catch (error) {
    throw await explain(error);
  }
}

function settled(feeding: Promise<unknown>): Promise<unknown> {
  return Promise.race([feeding, new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))]);
}

function memberName({ name, type }: Header, seen: Set<string>): string | undefined {
  if (type !== 'file' && type !== 'contiguous-file') return undefined;
  const plain = basename(name);
  if (!/^[\w.-]{1,100}$/.test(plain) || /^\.+$/.test(plain)) return undefined;
  if (seen.has(plain)) {
    throw new DrillError('backup-unrecognised', `the tar holds ${plain} twice: it is not one dump`, {
      hint: 'Set `backup.match` to select a tar that holds one pg_dump directory only.',
    });
  }
  seen.add(plain);
  return plain;
}

function tarDamage(cause: unknown): DrillError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const isShort = /end of data|premature/i.test(message);
  return new DrillError(
    isShort ? 'backup-truncated' : 'backup-corrupt',
    `the tar ${isShort ? 'ends in the middle of a member' : 'is damaged'}: ${message}`,
    {
      hint: 'Compare its size and checksum with what was written, and take a new backup.',
      cause,
    },
  );
}
