import { access, chmod, constants, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentOwner } from '../support/owner.ts';
import { type BoxIdentity, readLabels, toLabels } from './labels.ts';

const PREFIX = 'fd-';
const IDENTITY_FILE = 'owner.json';
/** Room that `.s.PGSQL.5432` and `mysqlx.sock` need behind it: a Unix socket's path has 107 bytes at most (unix(7)), 103 on macOS. */
const MAX_PATH_BYTES = 103 - 24;

/** A directory of one box on this host. */
export interface PrivateDir {
  /** Mode 0700, ours: nobody else on this host gets through it, whatever the modes below. */
  readonly path: string;
  /** Undefined when its maker died before it had written down whose it is; `owner` is then what the name says. */
  readonly runtime: string | undefined;
  readonly identity: BoxIdentity;
}

/**
 * Makes a private directory with a short path, which says whose it is in its name and in a file, so that what a killed
 * process left is found by {@link listPrivateDirs} later.
 * @param runtime which runtime it belongs to: each sweeps only its own.
 */
export async function makePrivateDir(identity: BoxIdentity, runtime: string): Promise<PrivateDir> {
  const { pid, startTicks } = identity.owner;
  const root = await chooseRoot();
  const path = await mkdtemp(join(root, `${PREFIX}${pid}-${startTicks}-`));
  try {
    await chmod(path, 0o700);
    const record = { runtime, labels: toLabels(identity) };
    await writeFile(join(path, IDENTITY_FILE), JSON.stringify(record), { mode: 0o600 });
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    throw error;
  }
  return { path, runtime, identity };
}

/** Makes a directory below, writable for everybody who can get at it: behind the 0700 of its parent that is us and the box. */
export async function makeOpenSubdir(dir: PrivateDir, name: string): Promise<string> {
  const path = join(dir.path, name);
  await mkdir(path);
  await chmod(path, 0o777); // mkdir's mode is cut down by the umask
  return path;
}

/**
 * Takes the right to write from everybody but us, and takes away all that is no socket. A server that runs, as another user, can then
 * answer in the directory and can put nothing there: restored data that writes files cannot fill this host's disk through it. A running
 * server misses its lock file nowhere.
 */
export async function closeSubdir(path: string): Promise<void> {
  await chmod(path, 0o755);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    // What the server's user made a directory of is not ours to empty; the teardown has that user's rights.
    if (!entry.isSocket()) await rm(join(path, entry.name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Lets a server that starts make its socket again. */
export async function reopenSubdir(path: string): Promise<void> {
  await chmod(path, 0o777);
}

/** All private directories of this user on this host that {@link makePrivateDir} made, for one runtime or of unknown runtime. */
export async function listPrivateDirs(runtime: string): Promise<readonly PrivateDir[]> {
  const found: PrivateDir[] = [];
  for (const root of candidateRoots()) {
    for (const name of await readdir(root).catch(() => [])) {
      const dir = name.startsWith(PREFIX) ? await readPrivateDir(join(root, name), name) : undefined;
      if (dir && (dir.runtime ?? runtime) === runtime) found.push(dir);
    }
  }
  return found;
}

async function readPrivateDir(path: string, name: string): Promise<PrivateDir | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  // In a shared /tmp anybody can make such a name: only a real directory of our own counts.
  if (!stats?.isDirectory() || stats.uid !== process.getuid?.()) return undefined;
  const written = await readIdentity(path);
  if (written) return { path, ...written };
  const [, pid, startTicks] = /^fd-(\d+)-(\d+)-\w{6}$/.exec(name) ?? [];
  if (!pid || !startTicks) return undefined;
  const owner = { ...currentOwner(), pid: Number(pid), startTicks };
  const leaseExpiresAt = new Date(stats.mtimeMs + 24 * 3_600_000);
  return { path, runtime: undefined, identity: { runId: 'unknown', drill: '', owner, leaseExpiresAt } };
}

async function readIdentity(path: string): Promise<{ runtime: string; identity: BoxIdentity } | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(join(path, IDENTITY_FILE), 'utf8'));
    const { runtime, labels } = record as { runtime?: unknown; labels?: Record<string, string> };
    const identity = readLabels(labels);
    return identity && typeof runtime === 'string' ? { runtime, identity } : undefined;
  } catch {
    return undefined; // not there, or half written: the name has to do
  }
}

async function chooseRoot(): Promise<string> {
  for (const root of candidateRoots()) {
    if (Buffer.byteLength(root) <= MAX_PATH_BYTES - 40 && (await isWritable(root))) return root;
  }
  return tmpdir();
}

async function isWritable(root: string): Promise<boolean> {
  return access(root, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

function candidateRoots(): readonly string[] {
  const runtimeDir = process.env['XDG_RUNTIME_DIR'];
  return [...new Set([...(runtimeDir ? [runtimeDir] : []), tmpdir(), '/tmp'])];
}
