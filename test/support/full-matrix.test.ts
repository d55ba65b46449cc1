import { expect, it } from 'vitest';
import { isFullMatrix, pickRows } from './full-matrix.ts';

const name = (row: string): string => row;

it.skipIf(isFullMatrix)('runs the selected rows of a matrix, in its order', () => {
  expect(pickRows(['a', 'b', 'c'], ['c', 'a'], name)).toEqual(['a', 'c']);
});

it('refuses a selected row that the matrix does not have', () => {
  expect(() => pickRows(['a', 'b'], ['a', 'd', 'e'], name)).toThrow('not in the matrix: d, e');
});
