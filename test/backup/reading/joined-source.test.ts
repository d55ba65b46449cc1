import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { joinParts } from '../../../src/backup/reading/joined-source.ts';
import { openContent } from '../../../src/backup/reading/open-content.ts';
import type { BackupSource, StoredObject } from '../../../src/backup/source.ts';
import { DrillError } from '../../../src/support/errors.ts';
import { failure, never } from '../../contracts/source-contract.ts';

function splitSource(parts: readonly Buffer[], { hasCostlyRanges = false, fails = -1 } = {}) {
  const objects = parts.map(
    ({ length }, index): StoredObject => ({
      key: `o.part${index}`,
      sizeBytes: length,
      modifiedAt: new Date(index),
      etag: `${index}`,
    }),
  );
  const source: BackupSource = {
    description: 'memory',
    prefix: '',
    hasCostlyRanges,
    async *list() {
      yield* objects;
    },
    readTags: async () => ({}),
    read: async (object, { start, end }) => {
      const index = objects.indexOf(object);
      if (index === fails) throw new DrillError('backup-changed', `${object.key} is gone`);
      return Readable.from([parts[index]?.subarray(start, end) ?? Buffer.alloc(0)], { objectMode: false });
    },
    close: () => undefined,
  };
  const sizeBytes = parts.reduce((sum, { length }) => sum + length, 0);
  const backup = {
    kind: 'object',
    key: 'o.part*',
    objects,
    sizeBytes,
    takenAt: new Date(0),
    takenAtFrom: 'modified',
  } as const;
  return { source, backup };
}

function cut(whole: Buffer, partBytes: number): Buffer[] {
  return Array.from({ length: Math.ceil(whole.length / partBytes) }, (_, index) =>
    whole.subarray(index * partBytes, (index + 1) * partBytes),
  );
}

it('reads every range of the whole from the parts that hold it', async () => {
  const whole = randomBytes(50);
  const { source, backup } = splitSource(cut(whole, 7));
  const joined = joinParts(source, backup);
  expect(joined.object).toMatchObject({ key: 'o.part*', sizeBytes: 50, modifiedAt: new Date(7) });
  for (let start = 0; start < 50; start += 1)
    for (let end = start + 1; end <= 50; end += 3) {
      const bytes = await buffer(await joined.source.read(joined.object, { start, end }, never()));
      expect(bytes.equals(whole.subarray(start, end))).toBe(true);
    }
});

it.each([false, true])('opens the parts of a compressed backup as one (costly ranges: %s)', async (hasCostlyRanges) => {
  const body = randomBytes(5_000_000);
  const { source, backup } = splitSource(cut(gzipSync(body), 1_000_000), { hasCostlyRanges });
  const content = await openContent(source, backup, never());
  if (content.kind !== 'object') throw new Error('expected an object');
  for (let time = 0; time < 2; time += 1) expect((await buffer(content.stream(never()))).equals(body)).toBe(true);
  expect(content.layers).toEqual(['gzip']);
});

it('passes on errors from reading a part, and detects by the content that the last part is missing', async () => {
  const parts = cut(gzipSync(randomBytes(5_000_000)), 1_000_000);
  const changed = splitSource(parts, { fails: 3 });
  expect((await failure(readAll(changed))).message).toBe('o.part3 is gone');
  const short = splitSource(parts.slice(0, -1));
  expect((await failure(readAll(short))).code).toBe('backup-truncated');
});

async function readAll({ source, backup }: ReturnType<typeof splitSource>): Promise<Buffer> {
  const content = await openContent(source, backup, never());
  if (content.kind !== 'object') throw new Error('expected an object');
  return buffer(content.stream(never()));
}
