import { expect, test } from 'vitest';
import { findHole, planRestore, type ReplicaPlan } from '../../../src/engines/files/formats/litestream/plan-restore.ts';

const OLD = '0000000000000001';
const NEW = '53151e9ffcb92a43';
const at = (name: string, second: number) => ({ name, modifiedAt: new Date(second * 1000) });
const snapshot = (index: string, second: number, generation = NEW) =>
  at(`generations/${generation}/snapshots/${index}.snapshot.lz4`, second);
const segment = (index: string, offset: string, second: number, generation = NEW) =>
  at(`generations/${generation}/wal/${index}_${offset}.wal.lz4`, second);

const WHOLE = [
  snapshot('00000000', 1, OLD),
  segment('00000000', '00000000', 9, OLD),
  snapshot('00000000', 10),
  snapshot('00000001', 14),
  segment('00000000', '00000000', 11),
  segment('00000001', '00000000', 15),
  segment('00000001', '00004080', 16),
  segment('00000002', '00000000', 17),
];

test('restores the newest snapshot of the most recently written generation, and the log that follows it', () => {
  const plan = planRestore(WHOLE) as ReplicaPlan;
  expect(plan).toMatchObject({ generation: NEW, generations: 2, until: new Date(17_000) });
  expect([plan.snapshot, ...plan.segments].map(({ index, offset }) => [index, offset])).toEqual([
    [1, undefined],
    [1, 0],
    [1, 0x4080],
    [2, 0],
  ]);
});

test.each([
  ['the beginning of a log', /00000001_00000000/],
  ['a whole log', /00000001_/],
  ['the beginning of the next log', /00000002_00000000/],
])('finds that %s is missing', (_what, lost) => {
  const files = [...WHOLE.filter(({ name }) => !lost.test(name)), segment('00000002', '00004080', 18)];
  expect(planRestore(files)).toHaveProperty('why', expect.stringContaining('lacks the log before'));
});

test('finds a gap within a log by the sizes of its segments', () => {
  const { segments } = planRestore([...WHOLE, segment('00000002', '00005098', 18)]) as ReplicaPlan;
  expect(findHole(segments, [0x4080, 4120, 0x5098, 9])).toBeUndefined();
  expect(findHole(segments, [0x4080, 4120, 0x4080, 9])).toMatchObject({ index: 2, offset: 0x5098 });
});

test('cannot restore a replica without a snapshot', () => {
  expect(planRestore([segment('00000000', '00000000', 1)])).toHaveProperty('why', expect.stringContaining('snapshot'));
  expect(planRestore([])).toHaveProperty('why');
});
