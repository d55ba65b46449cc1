import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who made a thing (a run, a sandbox): enough to tell, later and from another process, whether that process is surely dead. */
export interface Owner {
  readonly host: string;
  /** Changes at each boot, so that a pid from before a power loss is never mistaken for a live one. */
  readonly bootId: string;
  readonly pid: number;
  /** Start of the process in clock ticks since boot, so that a reused pid is told apart; `0` where the system does not say. */
  readonly startTicks: string;
}

/** This process. */
export function currentOwner(): Owner {
  return {
    host: hostname(),
    bootId: readBootId(),
    pid: process.pid,
    startTicks: readStartTicks(process.pid) ?? '0',
  };
}

export function formatOwner(owner: Owner): string {
  return [owner.host, owner.bootId, owner.pid, owner.startTicks].join('/');
}

/** @returns undefined for text that {@link formatOwner} did not write. */
export function parseOwner(text: string): Owner | undefined {
  const [host, bootId, pid, startTicks, ...rest] = text.split('/');
  if (!host || !bootId || !startTicks || rest.length > 0 || !/^\d+$/.test(pid ?? '')) return undefined;
  return { host, bootId, pid: Number(pid), startTicks };
}

/**
 * True only when the owner is known to be gone: it ran on this host, and the host was booted since, or no process has its pid
 * and start. An owner on another host is never known to be dead; its lease has to expire.
 */
export function isOwnerDead(owner: Owner, here: Owner = currentOwner()): boolean {
  if (owner.host !== here.host) return false;
  if (owner.bootId !== here.bootId) return true;
  const startTicks = readStartTicks(owner.pid);
  if (startTicks !== undefined) return startTicks !== owner.startTicks;
  return !isPidAlive(owner.pid);
}

function isPidAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // alive, but another user's
  }
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown'; // not Linux: pids alone decide there
  }
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)), counted after the command's closing bracket, which may hold anything. */
function readStartTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
