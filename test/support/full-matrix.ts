/** `FIREDRILL_FULL_MATRIX=1` runs all of the matrices that CI runs a part of. */
export const isFullMatrix = process.env['FIREDRILL_FULL_MATRIX'] === '1';

/**
 * The part of a matrix that CI runs, picked by hand.
 * @returns all of it under `FIREDRILL_FULL_MATRIX=1`. Throws on a picked name that the matrix does not have, so that none is lost when it changes.
 */
export function pickRows<T>(all: readonly T[], picked: readonly string[], nameOf: (row: T) => string): readonly T[] {
  const names = new Set(all.map(nameOf));
  const unknown = picked.filter((name) => !names.has(name));
  if (unknown.length > 0) throw new Error(`not in the matrix: ${unknown.join(', ')}`);
  return isFullMatrix ? all : all.filter((row) => picked.includes(nameOf(row)));
}
