import { expect, it } from 'vitest';
import { memoryFor, workersFor } from '../../../../src/engines/postgres/loading/prepare-build.ts';

it.each([
  [2, 1, 2],
  [2, 2, 0],
  [2, 7, 0],
  [8, 1, 8],
  [8, 3, 2],
  [8, 5, 0],
  [1, 1, 0],
  [0.5, 1, 0],
])('allots a build on %d cores, one of %d, %d parallel workers', (cores, builds, workers) => {
  expect(workersFor(cores, builds)).toBe(workers);
});

const GIB = 2 ** 30;

it.each([
  ['btree', 1e9, 0, "'16MB'"],
  ['gin', 1e9, 0, "'16MB'"],
  ['gin', 1e9, 2, "'96MB'"],
  ['gin', 2e9, 0, 'DEFAULT'],
  ['btree', 0, 0, 'DEFAULT'],
  ['hnsw', 1e6, 0, 'DEFAULT'],
  [undefined, 1e6, 0, 'DEFAULT'],
])(
  'sorts for a %s index on %d bytes of rows with %d workers in %s of memory',
  (method, tableBytes, workers, expected) => {
    expect(memoryFor({ memoryBytes: 4 * GIB }, { method, tableBytes }, workers)).toBe(expected);
  },
);
