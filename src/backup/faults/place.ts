import { createHash } from 'node:crypto';
import type { StoredObject } from '../source.ts';

/** The position of a byte in a backup that may have several objects. */
export interface Place {
  readonly object: StoredObject;
  /** From the start of the object. */
  readonly offset: number;
}

/** @param position a byte position in the concatenation of all objects. @returns undefined past the end. */
export function placeAt(objects: readonly StoredObject[], position: number): Place | undefined {
  let before = 0;
  for (const object of objects) {
    if (position < before + object.sizeBytes) return { object, offset: position - before };
    before += object.sizeBytes;
  }
  return undefined;
}

/** An integer from `from` up to, but not including, `to`: uniform, and reproducible on any machine for the same seed and use. */
export function drawBetween(seed: string, use: string, from: number, to: number): number {
  const digest = createHash('sha256').update(`${seed}:${use}`).digest('hex');
  return from + (Number.parseInt(digest.slice(0, 12), 16) % Math.max(1, to - from));
}
