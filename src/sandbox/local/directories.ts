import { randomBytes } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DrillError } from '../../support/errors.ts';
import { currentOwner } from '../../support/owner.ts';
import { readLabels, type SandboxIdentity, toLabels } from '../labels.ts';
import { runToEnd } from './processes.ts';
import type { ServerUser } from './server-user.ts';

/** Name prefix of every sandbox directory; a sweep ignores everything else. */
const PREFIX = 'fdlocal-';
const OWNER_FILE = 'owner.json';

/** A Unix socket's path has at most 107 bytes (unix(7)); names such as `/run/.s.PGSQL.5432` must fit after the sandbox's directory. */
const MAX_ROOT_PATH_BYTES = 75;
export const SHORT_ROOT = '/tmp';
/** Lease of a directory whose creator died before writing one. */
const UNRECORDED_LEASE_MS = 24 * 3_600_000;

export interface SandboxDirectories {
  /** Removing these removes the sandbox. More than one only when the first path is too long for a socket. */
  readonly roots: readonly string[];
  readonly data: string;
  readonly run: string;
  readonly scratch: string;
  /** HOME and TMPDIR. */
  readonly home: string;
  /** Where the mount namespace builds its own root. */
  readonly newRoot: string;
  /** Links to shared libraries, and copies of programs that the server's user cannot access. */
  readonly support: string;
}

/** The process that takes all of the sandbox's processes with it when it ends. */
export interface HolderMark {
  readonly pid: number;
  readonly startTicks: string;
}

/** Owner of a sandbox's directory. */
export interface DirectoryOwner {
  readonly identity: SandboxIdentity;
  /** undefined until a holder is recorded. */
  readonly holder: HolderMark | undefined;
}

/**
 * Makes the directories below `dataRoot`, owner file first. The server's user cannot write to the outer directory, so nothing in a
 * restored database can rewrite the owner file.
 * Throws `disk-full`, or `sandbox-refused` when `dataRoot` cannot be written; leaves nothing behind when it throws.
 */
export async function makeDirectories(
  request: SandboxIdentity,
  dataRoot: string,
  user: ServerUser,
): Promise<SandboxDirectories> {
  const { pid, startTicks } = request.owner;
  const name = `${PREFIX}${pid}-${startTicks}-${randomBytes(4).toString('hex')}`;
  const main = join(dataRoot, name);
  const roots = Buffer.byteLength(main) <= MAX_ROOT_PATH_BYTES ? [main] : [main, join(SHORT_ROOT, name)];
  const directories: SandboxDirectories = {
    roots,
    data: join(main, 'data'),
    run: join(roots.at(-1) ?? main, 'run'),
    scratch: join(main, 'scratch'),
    home: join(main, 'home'),
    newRoot: join(main, 'root'),
    support: join(main, 'support'),
  };
  try {
    for (const root of roots) {
      await mkdir(root, { mode: 0o700 });
      await writeOwner(root, request, undefined);
      // The server's user must be able to traverse this directory to reach its own directories below, but not to list or write it.
      if (user.switched) await chmod(root, 0o711);
    }
    for (const directory of [directories.newRoot, directories.support]) await makeDirectory(directory, 0o755);
    for (const directory of [directories.data, directories.run, directories.scratch, directories.home]) {
      await makeDirectory(directory, 0o700);
      if (user.switched) await chown(directory, user.uid, user.gid);
    }
    return directories;
  } catch (error) {
    await removeDirectories(directories.roots).catch(
      (cleanup: unknown) => new Error('left behind', { cause: cleanup }),
    ); // first cause wins
    throw explainFileError(error, dataRoot);
  }
}

/** Records the holder, so that another process can kill it. */
export async function recordHolder(
  directories: SandboxDirectories,
  request: SandboxIdentity,
  holder: HolderMark,
): Promise<void> {
  for (const root of directories.roots)
    await writeOwner(root, request, { pid: holder.pid, startTicks: holder.startTicks });
}

/** @returns all directories in `parent` that {@link makeDirectories} made for this user. */
export async function listSandboxRoots(parent: string): Promise<readonly { path: string; owner: DirectoryOwner }[]> {
  const names = await readdir(parent).catch(() => [] as string[]); // a missing parent has no sandboxes
  const found: { path: string; owner: DirectoryOwner }[] = [];
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const path = join(parent, name);
    const stats = await lstat(path).catch(() => undefined);
    // In a shared /tmp any user can create such a name, so this accepts only a real directory owned by this user.
    if (!stats?.isDirectory() || stats.uid !== process.getuid?.()) continue;
    const owner = (await readOwner(path)) ?? ownerFromName(name, stats.mtime);
    if (owner) found.push({ path, owner });
  }
  return found;
}

async function readOwner(root: string): Promise<DirectoryOwner | undefined> {
  try {
    const record = JSON.parse(await readFile(join(root, OWNER_FILE), 'utf8')) as OwnerRecord;
    const identity = readLabels(record.labels);
    const { pid, startTicks } = record.holder ?? {};
    const holder = typeof pid === 'number' && typeof startTicks === 'string' ? { pid, startTicks } : undefined;
    return identity && { identity, holder };
  } catch {
    return undefined; // not written yet: fall back to the name
  }
}

/** Fallback in case the creator ended between making the directory and recording its owner. */
function ownerFromName(name: string, madeAt: Date): DirectoryOwner | undefined {
  const [, pid, startTicks] = /^fdlocal-(\d+)-(\d+)-[0-9a-f]{8}$/.exec(name) ?? [];
  if (!pid || !startTicks) return undefined;
  const owner = { ...currentOwner(), pid: Number(pid), startTicks };
  const leaseExpiresAt = new Date(madeAt.getTime() + UNRECORDED_LEASE_MS);
  return { identity: { runId: 'unknown', drill: '', owner, leaseExpiresAt }, holder: undefined };
}

/** Removes directories whose processes have ended, even where restored data has removed its own permissions. */
export async function removeDirectories(roots: readonly string[]): Promise<void> {
  for (const root of roots) {
    try {
      await removeTree(root);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
      await runToEnd('chmod', ['-R', 'u+rwX', root]);
      await removeTree(root);
    }
  }
}

/** rm(1) needs a seventh of the processor time of Node’s own `rm`, which then only reports why something is left. */
async function removeTree(root: string): Promise<void> {
  await runToEnd('rm', ['-rf', '--', root]);
  await rm(root, { recursive: true, force: true });
}

/** Converts a file system error to one that the user can act on. */
export function explainFileError(error: unknown, where: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new DrillError('disk-full', `no space left below ${where} for a sandbox`, {
      hint: 'Free up space there, or set `sandbox.dataRoot` to a directory of a file system that can hold the restored data.',
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'ENOENT' || code === 'EPERM') {
    return new DrillError('sandbox-refused', `cannot create a sandbox's directory below ${where} (${code})`, {
      hint: 'Set `sandbox.dataRoot` to a directory that exists and can be written.',
      cause: error,
    });
  }
  return error;
}

interface OwnerRecord {
  readonly labels: Record<string, string>;
  readonly holder?: HolderMark;
}

/** Writes with a rename, so that a concurrent sweep sees the whole file or none. */
async function writeOwner(root: string, request: SandboxIdentity, holder: HolderMark | undefined): Promise<void> {
  const record: OwnerRecord = { labels: toLabels(request), ...(holder ? { holder } : {}) };
  const draft = join(root, `${OWNER_FILE}.new`);
  await writeFile(draft, JSON.stringify(record), { mode: 0o600 });
  await rename(draft, join(root, OWNER_FILE));
}

/** Sets the mode explicitly, because mkdir applies the umask. */
async function makeDirectory(path: string, mode: number): Promise<void> {
  await mkdir(path);
  await chmod(path, mode);
}
