import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** @returns bytes in buffers that are still referenced, after garbage collection, so that a busy machine shows the same figure. */
export function heldBufferBytes(): number {
  collectGarbage();
  collectGarbage(); // waits until memory found by the first one is freed, which another thread does
  return process.memoryUsage().arrayBuffers;
}

/** The same for strings and objects. */
export function heldHeapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
