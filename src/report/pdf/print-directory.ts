import { createHash } from 'node:crypto';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentOwner, isOwnerDead } from '../../support/owner.ts';

const PREFIX = 'firedrill-pdf-';
/** Chromium may still be writing. */
const REMOVAL = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 } as const;

/**
 * A directory in TMPDIR for one print job. Its name identifies the process and host that created it, so that {@link sweepPrintDirectories} finds what a killed
 * process left.
 */
export async function makePrintDirectory(): Promise<string> {
  const { pid, startTicks } = currentOwner();
  return await mkdtemp(join(tmpdir(), `${PREFIX}${hashHost()}-${pid}-${startTicks}-`));
}

/** Removes it, including everything that Chromium wrote. */
export async function removePrintDirectory(path: string): Promise<void> {
  await rm(path, REMOVAL);
}

/**
 * Removes the directories left by dead processes of this user on this host. What cannot be removed is left to the next sweep: a report must not fail because of
 * it.
 */
export async function sweepPrintDirectories(): Promise<void> {
  const here = currentOwner();
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    const [, host, pid, startTicks] = /^firedrill-pdf-([0-9a-f]{8})-(\d+)-(\d+)-\w{6}$/.exec(name) ?? [];
    if (host !== hashHost() || !pid || !startTicks) continue;
    if (!isOwnerDead({ ...here, pid: Number(pid), startTicks }, here)) continue;
    const path = join(tmpdir(), name);
    const stats = await lstat(path).catch(() => undefined);
    // In a shared /tmp any user can create such a name, so accept only a real directory that we own.
    if (!stats?.isDirectory() || stats.uid !== process.getuid?.()) continue;
    await rm(path, REMOVAL).catch(() => undefined);
  }
}

/** Containers may share /tmp, but each has its own process ids. */
function hashHost(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}
