import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** @returns bytes in buffers that something still holds: what is garbage has been collected, so a busy machine shows the same figure. */
export function heldBufferBytes(): number {
  collectGarbage();
  collectGarbage(); // waits until what the first one found is freed, which another thread does
  return process.memoryUsage().arrayBuffers;
}

/** The same of strings and objects. */
export function heldHeapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
