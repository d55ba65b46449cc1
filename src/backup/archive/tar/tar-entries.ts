import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { corrupt, truncated } from '../../compression/damage.ts';
import type { ArchiveEntry } from '../archive-entry.ts';

/** Headers from before 1988 have no magic but use the same checksum. */
const OPTIONS: Parameters<typeof extract>[0] & { allowUnknownFormat: true } = { allowUnknownFormat: true };

/** The members of a tar, in order. Source: POSIX.1-2017, pax, "ustar Interchange Format", and GNU tar's manual, "Basic Tar Format". */
export async function* tarEntries(input: Readable, key: string): AsyncGenerator<ArchiveEntry> {
  const members = extract(OPTIONS);
  /** The library's own complaint about the tar. A failure of the input also ends the library, but concerns the store or the enclosing layer. */
  let damage: unknown;
  members.on('error', (error) => {
    if (!input.errored && (!input.destroyed || input.readableEnded)) damage = error;
  });
  const feeding = pipeline(input, members).then(
    () => undefined,
    (error: unknown) => error,
  );
  let offset = 0;
  /** The last entry of a type that the library does not know; it may look for the next header in the wrong place. */
  let unknown: string | undefined;
  const explain = async (thrown: unknown): Promise<unknown> => {
    const error = input.errored ?? (await settled(feeding)) ?? thrown;
    if (error instanceof DrillError || damage === undefined) return error;
    return unknown === undefined ? tarDamage(offset, error) : notRead(key, unknown);
  };
  try {
    for await (const entry of members) {
      const { header } = entry;
      offset = (header as Header & { byteOffset?: number }).byteOffset ?? offset;
      let isRead = false;
      yield {
        name: header.name,
        kind: kindOf(header),
        offset,
        refusal: refusalOf(key, header),
        read: async function* () {
          isRead = true;
          for await (const chunk of contentOf(entry, explain)) {
            offset += chunk.length;
            yield chunk;
          }
        },
      };
      unknown = header.type === null ? header.name : undefined;
      if (!isRead) entry.resume();
    }
  } catch (error) {
    throw await explain(error);
  } finally {
    input.destroy();
    members.destroy();
  }
}

async function* contentOf(
  entry: AsyncIterable<unknown>,
  explain: (error: unknown) => Promise<unknown>,
): AsyncGenerator<Buffer> {
  try {
    yield* entry as AsyncIterable<Buffer>;
  } catch (error) {
    throw await explain(error);
  }
}

function settled(feeding: Promise<unknown>): Promise<unknown> {
  return Promise.race([feeding, new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))]);
}

function kindOf({ type, name, size }: Header): ArchiveEntry['kind'] {
  if (type === 'file' || type === 'contiguous-file') return 'file';
  if (type === 'link' || type === 'symlink') return 'link';
  // the library does not support GNU tar's sparse files (which may be the dump), volume labels or name lists
  return type === null && size !== 0 && !name.endsWith('/') ? 'file' : 'folder';
}

function refusalOf(key: string, { pax, type, name }: Header): DrillError | undefined {
  const fields = new Map<string, string>(Object.entries(pax ?? {}));
  const isSparse = [...fields.keys()].some((field) => field.startsWith('GNU.sparse.'));
  return isSparse || type === null ? notRead(key, fields.get('GNU.sparse.name') ?? name) : undefined;
}

function notRead(key: string, name: string): DrillError {
  return new DrillError(
    'format-unsupported',
    `${key} is a tar in which ${toPrintable(name, 80)} is not a plain file: sparse, or a part of one`,
    { hint: 'Pack without `--sparse` (`-S`) and `--multi-volume` (`-M`).' },
  );
}

function tarDamage(offset: number, cause: unknown): DrillError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/end of data|premature/i.test(message)) return truncated('tar', offset, cause);
  return corrupt('tar', offset, 'no member begins where one has to', cause);
}
