/** `FIREDRILL_FULL_MATRIX=1` runs the complete matrices of which CI runs a part. */
export const isFullMatrix = process.env['FIREDRILL_FULL_MATRIX'] === '1';

/**
 * The part of a matrix that CI runs, selected by name.
 * @returns all of it with `FIREDRILL_FULL_MATRIX=1`. Throws on a selected name that the matrix does not have, so that
 * none is lost when the matrix changes.
 */
export function pickRows<T>(all: readonly T[], picked: readonly string[], nameOf: (row: T) => string): readonly T[] {
  const names = new Set(all.map(nameOf));
  const unknown = picked.filter((name) => !names.has(name));
  if (unknown.length > 0) throw new Error(`not in the matrix: ${unknown.join(', ')}`);
  return isFullMatrix ? all : all.filter((row) => picked.includes(nameOf(row)));
}
