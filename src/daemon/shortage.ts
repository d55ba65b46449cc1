import { formatBytes } from '../support/quantities.ts';

/** The resources that one run needs. */
export interface Load {
  readonly drill: string;
  /** The memory limit of its sandbox. */
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Maximum disk space that its data is expected to need; 0: kept in memory; undefined: unknown. */
  readonly diskBytes: number | undefined;
}

/** The capacity for all runs together. */
export interface Room {
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Currently free, after what running ones already use; undefined: cannot be determined. */
  readonly freeDiskBytes: number | undefined;
}

export interface Shortage {
  /** `for memory: 2.15 GB wanted, 1.07 GB of 8.59 GB free`; several joined. */
  readonly why: string;
  /** Whether it would not fit even if nothing else were running, which needs human action. */
  readonly isHopeless: boolean;
}

interface Taken extends Load {
  readonly diskUsedBytes?: number | undefined;
}

/** Disk space kept free, because estimates err and other programs write there too: this amount, or this fraction of what is free. */
const RESERVE_BYTES = 2e9;
const RESERVE_RATIO = 0.05;
/** CPU limits are fractions, and their sums are inexact. */
const CPU_TOLERANCE = 1e-6;

/** @returns what prevents the run from starting alongside those in progress; undefined: nothing. */
export function findShortage(
  run: Load,
  running: readonly Taken[],
  room: Room,
  sandboxes: number,
): Shortage | undefined {
  const disk = findDiskShortage(run, running, room);
  const isHopeless = disk?.isHopeless ?? false;
  if (running.length >= Math.max(1, sandboxes)) {
    return { why: sandboxes <= 1 ? 'for the only sandbox' : `for one of ${sandboxes} sandboxes`, isHopeless };
  }
  const others =
    running.length === 0 ? [] : [findMemoryShortage(run, running, room), findCpuShortage(run, running, room)];
  const reasons = [...others, disk?.why].filter((reason) => reason !== undefined);
  return reasons.length === 0 ? undefined : { why: reasons.join('; '), isHopeless };
}

function findMemoryShortage(run: Load, running: readonly Taken[], { memoryBytes }: Room): string | undefined {
  const free = memoryBytes - sum(running.map((other) => other.memoryBytes));
  if (run.memoryBytes <= free) return undefined;
  return `for memory: needs ${formatBytes(run.memoryBytes)}, ${formatBytes(Math.max(0, free))} of ${formatBytes(memoryBytes)} free`;
}

function findCpuShortage(run: Load, running: readonly Taken[], { cpus }: Room): string | undefined {
  const free = cpus - sum(running.map((other) => other.cpus));
  if (run.cpus <= free + CPU_TOLERANCE) return undefined;
  return `for CPUs: needs ${formatCpus(run.cpus)}, ${formatCpus(Math.max(0, free))} of ${formatCpus(cpus)} free`;
}

function findDiskShortage(run: Load, running: readonly Taken[], { freeDiskBytes: free }: Room): Shortage | undefined {
  const { diskBytes: wanted } = run;
  if (!wanted || free === undefined) return undefined;
  const expected = sum(running.map(stillExpected));
  if (wanted <= free - expected - reserveOf(free)) return undefined;
  const freeEventually = free + sum(running.map(willFree));
  const promised = expected > 0 ? `, ${formatBytes(expected)} of it for running drills` : '';
  return {
    why: `for disk: needs about ${formatBytes(wanted)}, ${formatBytes(free)} free${promised}, ${formatBytes(reserveOf(free))} reserved`,
    isHopeless: wanted > freeEventually - reserveOf(freeEventually),
  };
}

function stillExpected({ diskBytes = 0, diskUsedBytes = 0 }: Taken): number {
  return Math.max(0, diskBytes - diskUsedBytes);
}

/** How much of its data will be freed. If unknown, assumes the best case, as the end of the run will show. */
function willFree({ diskBytes, diskUsedBytes }: Taken): number {
  return diskUsedBytes ?? diskBytes ?? Infinity;
}

function reserveOf(freeBytes: number): number {
  return Math.max(RESERVE_BYTES, Number.isFinite(freeBytes) ? freeBytes * RESERVE_RATIO : 0);
}

function formatCpus(cpus: number): string {
  return String(+cpus.toFixed(2));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
