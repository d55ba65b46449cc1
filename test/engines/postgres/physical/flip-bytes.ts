import { closeSync, openSync, writeSync } from 'node:fs';

/** Overwrites two bytes of a file. */
export function flipBytes(path: string, at: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.from([0xff, 0xfe]), 0, 2, at);
  closeSync(file);
}
