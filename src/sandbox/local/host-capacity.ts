import { availableParallelism, totalmem } from 'node:os';
import { readFreeDiskBytes } from '../free-disk.ts';
import type { Capacity } from '../sandbox.ts';

/** Capacity for local sandboxes of this host, or of the control group that this process runs in (a container, a systemd slice). */
export async function readHostCapacity(dataRoot: string): Promise<Capacity> {
  return {
    memoryBytes: limitedMemory(totalmem(), process.constrainedMemory()),
    cpus: availableParallelism(),
    freeDiskBytes: await readFreeDiskBytes(dataRoot),
  };
}

/** @param constrainedBytes 0 when the limit is unknown; more than the total when none is set. */
export function limitedMemory(totalBytes: number, constrainedBytes: number): number {
  return constrainedBytes > 0 ? Math.min(totalBytes, constrainedBytes) : totalBytes;
}
