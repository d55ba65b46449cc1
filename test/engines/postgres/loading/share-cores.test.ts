import { expect, it } from 'vitest';
import { workersFor } from '../../../../src/engines/postgres/loading/share-cores.ts';

it.each([
  [2, 1, 2],
  [2, 2, 0],
  [2, 7, 0],
  [8, 1, 8],
  [8, 3, 2],
  [8, 5, 0],
  [1, 1, 0],
  [0.5, 1, 0],
])('gives a build on %d cores, one of %d, %d parallel workers', (cores, builds, workers) => {
  expect(workersFor(cores, builds)).toBe(workers);
});
