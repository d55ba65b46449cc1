import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** One entry of the process table. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  /** Start time in clock ticks since boot, to detect a reused pid; empty where the system does not report it. */
  readonly startTicks: string;
}

/** Runs a small system tool to completion. @returns its stdout. Rejects when it fails or takes longer than 10 s. */
export async function runTool(file: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(file, [...args], {
    timeout: 10_000,
    env: { PATH: SYSTEM_PATH, LC_ALL: 'C' },
  });
  return stdout;
}

/** Runs a small system tool for as long as it takes, whether it succeeds or not, and discards its output. Rejects when it cannot be started. */
export async function runToEnd(file: string, args: readonly string[]): Promise<void> {
  const child = spawn(file, [...args], { stdio: 'ignore', env: { PATH: SYSTEM_PATH, LC_ALL: 'C' } });
  await once(child, 'close');
}

/** The system's tool directories, used instead of our own PATH. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** @returns the process, or undefined when it is gone (a zombie counts as gone). */
export function readProcess(pid: number): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc_pid_stat(5): the command in parentheses may contain any character; after it come state, ppid, pgrp, …, starttime as field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return { pid, parentPid: Number(fields[1]), groupId: Number(fields[2]), startTicks: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** All processes visible to this process. */
export async function listProcesses(): Promise<readonly ProcessEntry[]> {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => readProcess(Number(name)))
      .filter((entry) => entry !== undefined);
  }
  const table = await runTool('ps', ['-axo', 'pid=,ppid=,pgid=,stat=']);
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([pid, , , state]) => pid && !state?.startsWith('Z'))
    .map(([pid, parent, group]) => ({
      pid: Number(pid),
      parentPid: Number(parent),
      groupId: Number(group),
      startTicks: '',
    }));
}

/** `rootPid` with its descendants and its process group. */
export function treeOf(rootPid: number, all: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const members = new Set([rootPid]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const entry of all) {
      if (members.has(entry.pid)) continue;
      if (members.has(entry.parentPid) || entry.groupId === rootPid) grown = Boolean(members.add(entry.pid));
    }
  }
  return all.filter((entry) => members.has(entry.pid));
}

/**
 * Processes that belong to a directory, and their descendants; for systems without namespaces. A process belongs to it when its working
 * directory is below it (a database server's is its data directory) or, where that cannot be read, when its command line names it.
 */
export async function processesIn(directory: string): Promise<readonly ProcessEntry[]> {
  const all = await listProcesses();
  const named = process.platform === 'linux' ? undefined : await runTool('ps', ['-axo', 'pid=,command=']);
  const processIds = new Set(
    named
      ?.split('\n')
      .filter((line) => line.includes(directory))
      .map((line) => Number.parseInt(line, 10)),
  );
  const lives = ({ pid }: ProcessEntry) =>
    pid !== process.pid && (processIds.has(pid) || isBelow(workingDirectory(pid), directory));
  return [...new Set(all.filter(lives).flatMap((entry) => treeOf(entry.pid, all)))].filter(
    ({ pid }) => pid !== process.pid,
  );
}

/** Sends a signal to exactly these processes; skips those that have ended since, or whose pid has been reused. */
export function signalProcesses(entries: readonly ProcessEntry[], signal: NodeJS.Signals): void {
  for (const entry of entries) {
    if (!isSame(entry)) continue;
    try {
      process.kill(entry.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Polls processes that are not our children, since there is no exit event for them. @returns those still running at the deadline. */
export async function waitForExit(
  entries: readonly ProcessEntry[],
  timeoutMs: number,
): Promise<readonly ProcessEntry[]> {
  const deadline = performance.now() + timeoutMs;
  let left = entries.filter(isSame);
  while (left.length > 0 && performance.now() < deadline) {
    await delay(10);
    left = left.filter(isSame);
  }
  return left;
}

function isSame(entry: { readonly pid: number; readonly startTicks: string }): boolean {
  if (process.platform === 'linux') return readProcess(entry.pid)?.startTicks === entry.startTicks;
  try {
    return process.kill(entry.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // ended, or owned by another user
  }
}

function isBelow(path: string | undefined, directory: string): boolean {
  return path !== undefined && (path === directory || path.startsWith(`${directory}/`));
}
