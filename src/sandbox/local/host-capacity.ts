import { availableParallelism, totalmem } from 'node:os';
import { readFreeDiskBytes } from '../free-disk.ts';
import type { Capacity } from '../sandbox.ts';

/** What this host, or the control group that we are in (a container, a systemd slice), has for local sandboxes. */
export async function readHostCapacity(dataRoot: string): Promise<Capacity> {
  return {
    memoryBytes: limitedMemory(totalmem(), process.constrainedMemory()),
    cpus: availableParallelism(),
    freeDiskBytes: await readFreeDiskBytes(dataRoot),
  };
}

/** @param constrainedBytes 0 where no limit is known, and more than there is where none is set. */
export function limitedMemory(totalBytes: number, constrainedBytes: number): number {
  return constrainedBytes > 0 ? Math.min(totalBytes, constrainedBytes) : totalBytes;
}
