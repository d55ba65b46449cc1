import { expect, test } from 'vitest';
import { parseListing } from '../../../src/engines/files/restored/parse-listing.ts';

async function read(text: string, cut: number): Promise<unknown[]> {
  const bytes = Buffer.from(text);
  const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
  const found: unknown[] = [];
  for await (const { path, kind, sizeBytes } of parseListing(
    (async function* () {
      yield* pieces;
    })(),
    'top',
  ))
    found.push([path, kind, sizeBytes]);
  return found;
}

const TEXT =
  'd\x004096\x001795933990.8115024600\x00a\x00f\x0012\x001795933990.5\x00a/x\ny "é"\x00l\x0011\x001.0\x00out\x00';

test('reads any name, wherever the output is split', async () => {
  for (let cut = 0; cut <= Buffer.byteLength(TEXT); cut += 1) {
    expect(await read(TEXT, cut)).toEqual([
      ['top/a', 'directory', 0],
      ['top/a/x\ny "é"', 'file', 12],
      ['top/out', 'link', 0],
    ]);
  }
});

test('does not take a listing that ends within a record for complete', async () => {
  await expect(read(TEXT.slice(0, -2), 5)).rejects.toThrow('ended within');
});
