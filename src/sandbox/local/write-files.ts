import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DrillError } from '../../support/errors.ts';
import { assertSafeFileName, assertWritableDir } from '../safe-paths.ts';
import type { Sandbox, SandboxFile } from '../sandbox.ts';
import { explainFileError } from './directories.ts';
import type { ServerUser } from './server-user.ts';

/**
 * Writes each file completely before requesting the next. Throws the error of a content stream, `backup-truncated` when a file
 * does not have its stated size, `disk-full`, or the signal's reason.
 */
export async function writeSandboxFiles(
  paths: Sandbox['paths'],
  user: ServerUser,
  dir: string,
  files: AsyncIterable<SandboxFile>,
  signal: AbortSignal,
): Promise<void> {
  assertWritableDir(dir, paths);
  const base = [paths.data, paths.scratch].find((path) => dir === path || dir.startsWith(`${path}/`)) ?? paths.scratch;
  await using open = new LastFolder(base, user);
  for await (const file of files) {
    try {
      signal.throwIfAborted();
      assertSafeFileName(file.name);
      const path = join(relative(base, dir), file.name);
      await writeOne(await open.folder(dirname(path)), basename(path), file, user, signal);
    } catch (error) {
      file.content.destroy(); // one that is left open ends the process when its own signal aborts
      signal.throwIfAborted();
      throw explainFileError(error, dir);
    }
  }
}

async function writeOne(
  folder: Folder,
  name: string,
  file: SandboxFile,
  user: ServerUser,
  signal: AbortSignal,
): Promise<void> {
  const handle = await folder.createFile(name);
  if (user.switched) await handle.chown(user.uid, user.gid);
  const target = handle.createWriteStream(); // closes the handle
  await pipeline(file.content, target, { signal });
  if (file.sizeBytes !== undefined && target.bytesWritten !== file.sizeBytes) {
    throw new DrillError(
      'backup-truncated',
      `${file.name} ended after ${target.bytesWritten} of ${file.sizeBytes} bytes`,
      {
        hint: 'The backup is shorter than its listing says: check whether its upload finished.',
      },
    );
  }
}

/** Keeps the folder of the last file open: a data directory has hundreds of files in each, one after another. */
class LastFolder implements AsyncDisposable {
  readonly #base: string;
  readonly #user: ServerUser;
  #path = '';
  #folder: Folder | undefined;

  constructor(base: string, user: ServerUser) {
    this.#base = base;
    this.#user = user;
  }

  async folder(path: string): Promise<Folder> {
    if (this.#folder && path === this.#path) return this.#folder;
    await this[Symbol.asyncDispose]();
    this.#folder = await openFolder(this.#base, path, this.#user);
    this.#path = path;
    return this.#folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const folder = this.#folder;
    this.#folder = undefined;
    await folder?.close();
  }
}

interface Folder {
  createFile(name: string): Promise<FileHandle>;
  close(): Promise<void>;
}

/**
 * Opens the folder one path segment at a time without following symbolic links: code in the sandbox owns these directories, and when running as root
 * we would write wherever a link points. On Linux each step uses the descriptor of the previous one, so that no segment can be swapped in between.
 */
async function openFolder(base: string, path: string, user: ServerUser): Promise<Folder> {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  let handle = await open(base, flags);
  let plainPath = base;
  const inside = (name: string) =>
    process.platform === 'linux' ? `/proc/self/fd/${handle.fd}/${name}` : join(plainPath, name);
  try {
    for (const part of path.split('/').filter((each) => each !== '.' && each !== '')) {
      const isNew = await mkdir(inside(part), { mode: 0o700 }).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
          return false;
        },
      );
      const next = await open(inside(part), flags);
      if (isNew && user.switched) await next.chown(user.uid, user.gid);
      await handle.close();
      handle = next;
      plainPath = join(plainPath, part);
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  const create = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  return {
    createFile: (name) => open(inside(name), create, 0o600),
    close: () => handle.close(),
  };
}
