import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ListedFile, SourceFiles } from '../../../../backup/content.ts';
import { NO_KEYS } from '../../../../backup/layer.ts';
import { DrillError, type ErrorCode } from '../../../../support/errors.ts';
import type { LogArchive } from '../../../format.ts';
import { cipherPassIn } from './backup-info.ts';
import type { InfoSections } from './info-file.ts';
import { ringOf } from './read-repository.ts';
import type { RepositoryEntry } from './repository-entry.ts';

export interface RepositoryLog {
  readonly archive: LogArchive;
  /** @throws DrillError `log-incomplete` for the first one missing from the archive. */
  requireSegments(names: readonly (string | undefined)[]): void;
}

/** A segment has its content's SHA-1 in its name; partial segments from `archive-push` (`.partial`) and `.backup` files are excluded. */
const SEGMENT = /\/([0-9A-F]{24})-([0-9a-f]{40})(?:\.(?:gz|zst|lz4|bz2))?$/;
const HISTORY = /\/[0-9A-F]{8}\.history$/;

/** @returns the name of the segment in a file, '' for other files. */
export function segmentIn(key: string): string {
  return /\/([0-9A-F]{24})-/.exec(key)?.[1] ?? '';
}

/**
 * The log in `archive/STANZA/ID/`, read by us: fetching one file after another with `pgbackrest archive-get` takes five times as long.
 * @param archive contents of `archive.info`, which has the key for its files.
 */
export function openRepositoryLog(
  { root, stanza }: RepositoryEntry,
  archiveId: string,
  { source, archive }: { readonly source: SourceFiles; readonly archive: InfoSections },
): RepositoryLog {
  const prefix = `${root}archive/${stanza}/${archiveId}/`;
  const pass = cipherPassIn(archive);
  const keys = pass === undefined ? NO_KEYS : ringOf(pass);
  const files = source.files.filter(({ key }) => key.startsWith(prefix) && (SEGMENT.test(key) || HISTORY.test(key)));
  const segments = new Map<string, ListedFile[]>();
  for (const file of files) {
    const name = SEGMENT.exec(file.key)?.[1];
    if (name !== undefined) segments.set(name, [...(segments.get(name) ?? []), file]);
  }
  return {
    archive: {
      description: `${prefix} of ${source.description}`,
      files,
      read: async (file, signal) => {
        requireOneContent(file, segments, prefix);
        const bytes = await source.read(file, signal, keys).catch((error: unknown) => {
          throw asDamage(file.key, error);
        });
        requireUnchanged(file, createHash('sha1').update(bytes).digest('hex'));
        return bytes;
      },
      stream: async (file, signal) => {
        requireOneContent(file, segments, prefix);
        return Readable.from(
          unchanged(file, () => source.streamUnwrapped(file, signal, keys)),
          { objectMode: false },
        );
      },
    },
    requireSegments: (names) => {
      const missing = names.find((name) => name !== undefined && !segments.has(name));
      if (missing === undefined) return;
      throw new DrillError(
        'log-incomplete',
        `${prefix} lacks the segment ${missing}, without which the backup is not consistent`,
        {
          hint: 'Check `repo1-retention-archive`, and the server’s log for failures of `archive_command`; take a new backup now.',
        },
      );
    },
  };
}

/** Passes a file through, and fails at the end if its content does not match its name: only then is a segment known to be complete. */
async function* unchanged(file: ListedFile, open: () => Promise<Readable>): AsyncGenerator<Buffer> {
  const hash = createHash('sha1');
  try {
    for await (const chunk of (await open()) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      yield chunk;
    }
  } catch (error) {
    throw asDamage(file.key, error);
  }
  requireUnchanged(file, hash.digest('hex'));
}

function requireUnchanged({ key }: ListedFile, checksum: string): void {
  const wanted = SEGMENT.exec(key)?.[2];
  if (wanted !== undefined && wanted !== checksum) throw changed(key);
}

function requireOneContent(
  { key }: ListedFile,
  segments: ReadonlyMap<string, readonly ListedFile[]>,
  prefix: string,
): void {
  const name = SEGMENT.exec(key)?.[1] ?? '';
  if (hasOtherContent(segments.get(name))) throw twoCopies(name, prefix);
}

/** Copies with the same content differ only in their compression. */
function hasOtherContent(files: readonly ListedFile[] = []): boolean {
  return new Set(files.map(({ key }) => SEGMENT.exec(key)?.[2])).size > 1;
}

/** The key is the repository's, so anything that does not decrypt or unpack is damaged. */
function asDamage(key: string, thrown: unknown): unknown {
  if (!(thrown instanceof DrillError) || !DAMAGE.includes(thrown.code)) return thrown;
  return new DrillError('log-damaged', `${key} is damaged or cut off: it does not unpack as it was archived`, {
    hint: 'Recovery ends before it. Look for another copy of the segment, and take a new backup now.',
    cause: thrown,
  });
}

const DAMAGE: readonly ErrorCode[] = ['backup-corrupt', 'backup-encrypted', 'backup-truncated', 'key-wrong'];

function twoCopies(name: string, prefix: string): DrillError {
  return new DrillError('log-damaged', `${prefix} holds the segment ${name} twice, with different content`, {
    hint: 'Two servers archive into one stanza: stop one of them, and take a new backup now. pgBackRest refuses the segment too.',
  });
}

function changed(key: string): DrillError {
  return new DrillError('log-damaged', `${key} is not what was archived: the checksum in its name differs`, {
    hint: 'Recovery ends before it. Look for another copy of the segment, and take a new backup now.',
  });
}
