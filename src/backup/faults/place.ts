import { createHash } from 'node:crypto';
import type { StoredObject } from '../source.ts';

/** A byte of a backup that may have several objects. */
export interface Place {
  readonly object: StoredObject;
  /** From the object's own beginning. */
  readonly offset: number;
}

/** @param position a byte of all objects together, in their order. @returns undefined behind the last one. */
export function placeAt(objects: readonly StoredObject[], position: number): Place | undefined {
  let before = 0;
  for (const object of objects) {
    if (position < before + object.sizeBytes) return { object, offset: position - before };
    before += object.sizeBytes;
  }
  return undefined;
}

/** A whole number from `from` up to `to`, exclusive: uniform, and the same for the same seed and use on every machine. */
export function drawBetween(seed: string, use: string, from: number, to: number): number {
  const digest = createHash('sha256').update(`${seed}:${use}`).digest('hex');
  return from + (Number.parseInt(digest.slice(0, 12), 16) % Math.max(1, to - from));
}
