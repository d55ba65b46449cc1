import type { Random } from '../random.ts';
import { type Damage, toSql, toStoredBytes } from './damage.ts';

type Change = (bytes: Buffer, random: Random) => Buffer | undefined;

/** What disks, networks and unfinished copies do to stored bytes, and to SQL before compression. */
export function byteDamages(): readonly Damage[] {
  const changes: Readonly<Record<string, Change>> = {
    'a block of zeros': zeroBlock,
    'one flipped bit': (bytes, random) => flip(bytes, random, 1, () => 1 << random.below(8)),
    'a few flipped bytes': (bytes, random) => flip(bytes, random, 3, () => 1 + random.below(255)),
    'a removed block': (bytes, random) => {
      const { from, to } = block(bytes, random);
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
    },
    'a block twice': (bytes, random) => {
      const { from, to } = block(bytes, random);
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
    },
    'two swapped blocks': swapBlocks,
    'a block of random bytes': (bytes, random) => {
      const { from, to } = block(bytes, random);
      return Buffer.concat([bytes.subarray(0, from), random.bytes(to - from), bytes.subarray(to)]);
    },
  };
  return [
    {
      kind: 'cut at any byte',
      effect: 'incomplete',
      apply: toStoredBytes((bytes, random) => bytes.subarray(0, 1 + random.below(bytes.length - 60))),
    },
    {
      kind: 'cut near its end',
      effect: 'incomplete',
      apply: toStoredBytes((bytes, random) => bytes.subarray(0, bytes.length - 45 - random.below(200))),
    },
    {
      kind: 'cut near its begin',
      effect: 'incomplete',
      apply: toStoredBytes((bytes, random) => bytes.subarray(0, 1 + random.below(400))),
    },
    { kind: 'cut at a page', effect: 'incomplete', apply: toStoredBytes((bytes, random) => atPage(bytes, random)) },
    {
      kind: 'its last third zeros',
      effect: 'incomplete',
      apply: toStoredBytes((bytes) => Buffer.from(bytes).fill(0, Math.floor((bytes.length * 2) / 3))),
    },
    { kind: 'all zeros', effect: 'refused', apply: toStoredBytes((bytes) => Buffer.alloc(bytes.length)) },
    {
      kind: 'random bytes',
      effect: 'refused',
      apply: toStoredBytes((bytes, random) => random.bytes(Math.min(bytes.length, 5000))),
    },
    { kind: 'empty', effect: 'refused', apply: toStoredBytes(() => Buffer.alloc(0)) },
    {
      kind: 'its begin lost',
      effect: 'refused',
      apply: toStoredBytes((bytes, random) => bytes.subarray(1 + random.below(bytes.length - 100))),
    },
    {
      kind: 'zeros after its end',
      effect: 'suspicious',
      apply: toStoredBytes((bytes) => Buffer.concat([bytes, Buffer.alloc(70_000)])),
    },
    {
      kind: 'garbage after its end',
      effect: 'suspicious',
      apply: toStoredBytes((bytes, random) => Buffer.concat([bytes, random.bytes(300)])),
    },
    ...Object.entries(changes).flatMap(([kind, change]): Damage[] => [
      { kind, effect: 'by oracle', apply: toStoredBytes(change) },
      {
        kind: `${kind}, in its SQL`,
        effect: 'by oracle',
        apply: toSql((sql, random, recipe) => (recipe.compressor === 'none' ? undefined : change(sql, random))),
      },
    ]),
  ];
}

function block(bytes: Buffer, random: Random): { from: number; to: number } {
  const length = Math.min(random.pick([64, 512, 4096]), Math.floor(bytes.length / 4));
  const from = random.below(bytes.length - length);
  return { from, to: from + length };
}

function zeroBlock(bytes: Buffer, random: Random): Buffer {
  const { from, to } = block(bytes, random);
  return Buffer.from(bytes).fill(0, from, to);
}

function flip(bytes: Buffer, random: Random, times: number, mask: () => number): Buffer {
  const flipped = Buffer.from(bytes);
  for (let count = 0; count < times; count++) {
    const at = random.below(bytes.length);
    flipped[at] = (flipped[at] ?? 0) ^ mask();
  }
  return flipped;
}

function swapBlocks(bytes: Buffer, random: Random): Buffer | undefined {
  const length = Math.min(512, Math.floor(bytes.length / 8));
  const first = random.below(Math.floor(bytes.length / 2) - length);
  const second = Math.floor(bytes.length / 2) + random.below(Math.floor(bytes.length / 2) - length);
  const swapped = Buffer.from(bytes);
  bytes.copy(swapped, first, second, second + length);
  bytes.copy(swapped, second, first, first + length);
  return swapped;
}

function atPage(bytes: Buffer, random: Random): Buffer | undefined {
  const pages = Math.floor(bytes.length / 4096);
  return pages < 2 ? undefined : bytes.subarray(0, 4096 * (1 + random.below(pages - 1)));
}
