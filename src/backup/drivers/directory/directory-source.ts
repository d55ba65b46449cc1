import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { DrillError } from '../../../support/errors.ts';
import { destroyOnAbort } from '../../reading/replay.ts';
import type { BackupSource, DeadLink, ReadRange, StoredObject } from '../../source.ts';

const CHUNK_BYTES = 2 ** 18;

/**
 * Backups below a local directory; keys are paths relative to it, with `/`. Symbolic links are followed as long as they stay inside. `etag` is inode,
 * modification time in nanoseconds and size, so that replacing a file with `mv` or overwriting it is detected.
 */
export function openDirectorySource(path: string): BackupSource {
  return {
    description: path,
    prefix: '',
    list: (signal, onDeadLink) => list(path, { signal, onDeadLink }),
    listAfter: (key, signal) => list(path, { signal, after: key.split('/') }),
    readTags: async () => ({}),
    read: (object, range, signal) => readFileRange(path, object, range, signal),
    close: () => undefined,
  };
}

interface ListOptions {
  readonly signal: AbortSignal;
  /** See {@link Walk}. Default: all files are wanted. */
  readonly after?: readonly string[];
  readonly onDeadLink?: ((link: DeadLink) => void) | undefined;
}

async function* list(
  path: string,
  { signal, after = [], onDeadLink = () => undefined }: ListOptions,
): AsyncGenerator<StoredObject> {
  const root = await realpath(path).catch((error: unknown) => {
    throw explain(error, path);
  });
  if (!(await stat(root)).isDirectory()) {
    throw new DrillError('source-missing', `${path} is a file, not a directory`, {
      hint: 'Set `backup.source` to the directory, and `backup.match` to the file in it.',
    });
  }
  yield* walk({ root, directory: root, above: new Set([root]), after, onDeadLink }, signal);
}

interface Walk {
  readonly root: string;
  readonly directory: string;
  /** Real paths of the parent directories, to detect links that form a loop. */
  readonly above: ReadonlySet<string>;
  /** Path of the last file to skip, relative to this directory; empty: all files are wanted. */
  readonly after: readonly string[];
  readonly onDeadLink: (link: DeadLink) => void;
}

async function* walk(
  { root, directory, above, after, onDeadLink }: Walk,
  signal: AbortSignal,
): AsyncGenerator<StoredObject> {
  signal.throwIfAborted();
  const names = await readdir(directory).catch((error: unknown) => {
    throw explain(error, directory);
  });
  for (const name of names.sort()) {
    signal.throwIfAborted();
    const [first = ''] = after;
    if (name < first) continue;
    const rest = name === first ? after.slice(1) : [];
    const file = join(directory, name);
    const target = await resolveInside(root, file);
    if (!target) continue;
    if ('why' in target) onDeadLink({ key: keyOf(root, file), why: target.why });
    else if (target.stats.isDirectory()) {
      if (!above.has(target.path))
        yield* walk(
          { root, directory: file, above: new Set([...above, target.path]), after: rest, onDeadLink },
          signal,
        );
    } else if (target.stats.isFile() && name !== first) {
      yield {
        key: keyOf(root, file),
        sizeBytes: Number(target.stats.size),
        modifiedAt: target.stats.mtime,
        etag: etagOf(target.stats),
      };
    }
  }
}

/** @returns undefined for a file that is deleted meanwhile. */
async function resolveInside(
  root: string,
  file: string,
): Promise<{ readonly path: string; readonly stats: BigIntStats } | Pick<DeadLink, 'why'> | undefined> {
  let isLink = false;
  try {
    const own = await lstat(file, { bigint: true });
    isLink = own.isSymbolicLink();
    if (!isLink) return { path: file, stats: own };
    const path = await realpath(file);
    if (path !== root && !path.startsWith(root + sep)) return { why: 'outside' };
    return { path, stats: await stat(path, { bigint: true }) };
  } catch (error) {
    if (!['ENOENT', 'ELOOP'].includes(codeOf(error))) throw explain(error, file);
    return isLink ? { why: 'dangling' } : undefined;
  }
}

function keyOf(root: string, file: string): string {
  return relative(root, file).split(sep).join('/');
}

function etagOf(stats: BigIntStats): string {
  return `${stats.ino}-${stats.mtimeNs}-${stats.size}`;
}

async function readFileRange(
  root: string,
  object: StoredObject,
  range: ReadRange,
  signal: AbortSignal,
): Promise<Readable> {
  signal.throwIfAborted();
  const path = join(root, object.key);
  const stream = new FileRange(await openUnchanged(path, object), path, object, range);
  destroyOnAbort(stream, signal);
  return stream;
}

async function openUnchanged(path: string, object: StoredObject): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY);
  } catch (error) {
    throw codeOf(error) === 'ENOENT' ? changed(path, 'is gone') : explain(error, path);
  }
  try {
    await refuseChange(file, path, object);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function refuseChange(file: FileHandle, path: string, object: StoredObject): Promise<void> {
  if (etagOf(await file.stat({ bigint: true })) !== object.etag) throw changed(path, 'was replaced or written to');
}

class FileRange extends Readable {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #object: StoredObject;
  readonly #end: number;
  #position: number;

  constructor(file: FileHandle, path: string, object: StoredObject, range: ReadRange) {
    super({ highWaterMark: CHUNK_BYTES });
    this.#file = file;
    this.#path = path;
    this.#object = object;
    this.#position = range.start;
    this.#end = range.end;
  }

  override _read(): void {
    this.#readChunk().then(
      (chunk) => this.push(chunk),
      (error: unknown) => this.destroy(error instanceof DrillError ? error : explain(error, this.#path)),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#file.close().then(
      () => callback(error),
      (closing: Error) => callback(error ?? closing),
    );
  }

  async #readChunk(): Promise<Buffer | null> {
    const wanted = Math.min(CHUNK_BYTES, this.#end - this.#position);
    if (wanted <= 0) return null;
    const { bytesRead, buffer } = await this.#file.read(Buffer.allocUnsafe(wanted), 0, wanted, this.#position);
    if (bytesRead === 0) throw changed(this.#path, `was cut to ${this.#position} bytes`);
    this.#position += bytesRead;
    // Checked again at the end: a file overwritten while it was read is a mixture of two backups.
    if (this.#position >= this.#end) await refuseChange(this.#file, this.#path, this.#object);
    return buffer.subarray(0, bytesRead);
  }
}

function changed(path: string, how: string): DrillError {
  return new DrillError('backup-changed', `${path} ${how} since it was listed`, {
    hint: 'Run the drill again. If it happens each time, the drill and the backup job overlap: move one of them.',
  });
}

function explain(error: unknown, path: string): DrillError {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new DrillError('source-missing', `there is no directory ${path}`, {
      hint: 'Check `backup.source` for a typo, and that the disk is mounted.',
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new DrillError('source-denied', `reading ${path} is not permitted (${code})`, {
      hint: 'Give the user who runs Firedrill read access to the file and search access to the directories above it.',
      cause: error,
    });
  }
  return new DrillError('source-failed', `reading ${path} failed: ${error instanceof Error ? error.message : error}`, {
    hint: 'Check the system log for errors of this disk or mount.',
    cause: error,
  });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? '';
}
