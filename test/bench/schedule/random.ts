/** Numbers from 0 to below 1, the same for the same seed: mulberry32. */
export function makeRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    return mix(state) / 2 ** 32;
  };
}

/** A number from 0 to below 1 for a pair of integers, independent of when and in which order it is requested. */
export function drawFor(one: number, other: number): number {
  return mix(Math.imul(one + 1, 0x9e3779b1) ^ mix(other | 0)) / 2 ** 32;
}

export function pick<T>(values: readonly T[], random: () => number): T {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new RangeError('nothing to pick from');
  return value;
}

function mix(state: number): number {
  let value = Math.imul(state ^ (state >>> 15), state | 1);
  value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
  return (value ^ (value >>> 14)) >>> 0;
}
