import { access, chmod, constants, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentOwner } from '../support/owner.ts';
import { readLabels, type SandboxIdentity, toLabels } from './labels.ts';

const PREFIX = 'fd-';
const IDENTITY_FILE = 'owner.json';
/** Leaves room for socket names such as `.s.PGSQL.5432` and `mysqlx.sock`: a Unix socket's path has 107 bytes at most (unix(7)), 103 on macOS. */
const MAX_PATH_BYTES = 103 - 24;

/** The host directory of one sandbox. */
export interface PrivateDir {
  /** Mode 0700, owned by this user: no other user of this host can traverse it, whatever the modes below. */
  readonly path: string;
  /** undefined if its creator died before recording the owner; `owner` is then taken from the name. */
  readonly runtime: string | undefined;
  readonly identity: SandboxIdentity;
}

/**
 * Makes a private directory with a short path. Its owner is recorded in its name and in a file, so that {@link listPrivateDirs} can find leftovers of a killed
 * process.
 * @param runtime the runtime that it belongs to; each sweeps only its own.
 */
export async function makePrivateDir(identity: SandboxIdentity, runtime: string): Promise<PrivateDir> {
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

/** Makes a world-writable subdirectory; because the parent has mode 0700, only we and the sandbox can reach it. */
export async function makeOpenSubdir(dir: PrivateDir, name: string): Promise<string> {
  const path = join(dir.path, name);
  await mkdir(path);
  await chmod(path, 0o777); // mkdir applies the umask
  return path;
}

/**
 * Makes the directory writable only by this user, and removes everything in it except sockets. A running server (another user) can then still accept
 * connections but cannot create files, so restored code cannot fill this host's disk through it. A running server does not need its lock file.
 */
export async function closeSubdir(path: string): Promise<void> {
  await chmod(path, 0o755);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    // Directories made by the server's user cannot be emptied here; the teardown runs as that user.
    if (!entry.isSocket()) await rm(join(path, entry.name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Makes the directory writable again, so that a starting server can create its socket. */
export async function reopenSubdir(path: string): Promise<void> {
  await chmod(path, 0o777);
}

/** All directories that {@link makePrivateDir} made for this user on this host, for the given runtime or an unknown one. */
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
  // In a shared /tmp any user can create such a name, so this accepts only a real directory owned by this user.
  if (!stats?.isDirectory() || stats.uid !== process.getuid?.()) return undefined;
  const written = await readIdentity(path);
  if (written) return { path, ...written };
  const [, pid, startTicks] = /^fd-(\d+)-(\d+)-\w{6}$/.exec(name) ?? [];
  if (!pid || !startTicks) return undefined;
  const owner = { ...currentOwner(), pid: Number(pid), startTicks };
  const leaseExpiresAt = new Date(stats.mtimeMs + 24 * 3_600_000);
  return { path, runtime: undefined, identity: { runId: 'unknown', drill: '', owner, leaseExpiresAt } };
}

async function readIdentity(path: string): Promise<{ runtime: string; identity: SandboxIdentity } | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(join(path, IDENTITY_FILE), 'utf8'));
    const { runtime, labels } = record as { runtime?: unknown; labels?: Record<string, string> };
    const identity = readLabels(labels);
    return identity && typeof runtime === 'string' ? { runtime, identity } : undefined;
  } catch {
    return undefined; // missing or half written: fall back to the name
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
