import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** The process that created something (a run, a sandbox), with enough detail for another process to determine later whether it is certainly dead. */
export interface Owner {
  readonly host: string;
  /** Changes at each boot, so that a pid from before a reboot is never mistaken for a live process. */
  readonly bootId: string;
  readonly pid: number;
  /** Start time of the process in clock ticks since boot, which detects a reused pid; `0` where the system does not provide it. */
  readonly startTicks: string;
  /** Distinguishes machines with the same host name; undefined if the system has no id, or an earlier version wrote the owner. */
  readonly machine?: string | undefined;
}

/** This process. */
export function currentOwner(): Owner {
  return {
    host: hostname(),
    bootId: readBootId(),
    pid: process.pid,
    startTicks: readStartTicks(process.pid) ?? '0',
    machine: readMachine(),
  };
}

export function formatOwner(owner: Owner): string {
  const { host, bootId, pid, startTicks, machine } = owner;
  return [host, bootId, pid, startTicks, ...(machine === undefined ? [] : [machine])].join('/');
}

/** @returns undefined for text that {@link formatOwner} did not write. */
export function parseOwner(text: string): Owner | undefined {
  const [host, bootId, pid, startTicks, machine, ...rest] = text.split('/');
  if (!host || !bootId || !startTicks || rest.length > 0 || !/^\d+$/.test(pid ?? '')) return undefined;
  return { host, bootId, pid: Number(pid), startTicks, ...(machine && { machine }) };
}

/** @param owner as written by {@link formatOwner}. */
export function isOnHost(owner: string, host: string): boolean {
  return parseOwner(owner)?.host === host;
}

/**
 * True only when the owner is known to be gone: it ran on this host, and the host was rebooted since, or no process has its pid
 * and start time. An owner on another host is never known to be dead; its lease has to expire.
 */
export function isOwnerDead(owner: Owner, here: Owner = currentOwner()): boolean {
  if (owner.host !== here.host) return false;
  if (owner.machine !== undefined && here.machine !== undefined && owner.machine !== here.machine) return false;
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
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // alive, but owned by another user
  }
}

/** The id itself must not be disclosed (machine-id(5)), so a hash of it is written. */
function readMachine(): string | undefined {
  try {
    const id = readFileSync('/etc/machine-id', 'utf8').trim();
    return /^[0-9a-f]{32}$/.test(id)
      ? createHash('sha256').update(`firedrill ${id}`).digest('hex').slice(0, 16)
      : undefined;
  } catch {
    return undefined; // many containers have none; their host names differ
  }
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown'; // not Linux: only pids are compared there
  }
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)), counted from the command's closing parenthesis, because the command may contain anything. */
function readStartTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
