import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readListing } from '../../../../src/backup/drivers/command/command-listing.ts';
import type { StoredObject } from '../../../../src/backup/source.ts';
import { failure } from '../../../contracts/source-contract.ts';

const GOOD = { key: 'a.dump', size: 10, modified: '2026-01-31T02:30:00Z' };

async function read(...chunks: readonly (string | Buffer)[]): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  const stdout = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  for await (const object of readListing(stdout, './backups')) objects.push(object);
  return objects;
}

const line = (changes: object) => JSON.stringify({ ...GOOD, ...changes });

describe('a listing by a program', () => {
  it('has one object per line, and may have blank lines and no final line break', async () => {
    const text = `${line({ key: 'é.dump', etag: 'x' })}\r\n\n${line({ size: 0, more: [1] })}`;
    const bytes = Buffer.from(text);
    const whole = await read(text);
    expect(whole).toEqual([
      {
        key: 'é.dump',
        sizeBytes: 10,
        modifiedAt: new Date('2026-01-31T02:30:00Z'),
        etag: '10 2026-01-31T02:30:00Z x',
      },
      {
        key: 'a.dump',
        sizeBytes: 0,
        modifiedAt: new Date('2026-01-31T02:30:00Z'),
        etag: '0 2026-01-31T02:30:00Z',
      },
    ]);
    expect(await read(...[...bytes].map((byte) => Buffer.of(byte)))).toEqual(whole);
  });

  it.each(['2026-01-31T02:30:00.123456789+05:30', '2026-01-31t02:30:00z', '2026-01-31 02:30:00-00:00'])(
    'accepts %s as an instant',
    async (modified) => expect(await read(line({ modified }))).toHaveLength(1),
  );

  it.each<[bad: string | Buffer, why: string]>([
    ['[]', 'it is not a JSON object'],
    ['null', 'it is not a JSON object'],
    ['hunter2', 'it is not a JSON object'],
    ['{}', '"key" must be text'],
    [line({ key: 7 }), '"key" must be text'],
    [line({ key: '' }), '"key" must have 1 to 4096 bytes'],
    [line({ key: 'a/../../etc/passwd' }), '"key" must not have ".." between slashes, or a NUL'],
    [line({ key: 'a\0' }), '"key" must not have ".." between slashes, or a NUL'],
    [line({ size: '10' }), '"size" must be a whole number of bytes'],
    [line({ size: 1.5 }), '"size" must be a whole number of bytes'],
    [line({ size: 1e16 }), '"size" must be a whole number of bytes'],
    [line({ size: -1 }), '"size" must not be negative'],
    [line({ etag: 1 }), '"etag" must be text'],
    [line({ modified: 1769826600 }), '"modified" must be an instant in RFC 3339'],
    ...['2026-01-31', '2026-01-31T02:30:00', '2026-02-30T02:30:00Z', '2026-13-01T02:30:00Z', 'yesterday'].map(
      (modified): [string, string] => [
        line({ modified }),
        '"modified" must be an instant in RFC 3339 such as 2026-01-31T02:30:00Z',
      ],
    ),
    [Buffer.from([0xff, 0xfe]), 'it is not UTF-8'],
    [line({ key: 'x'.repeat(70_000) }), 'it is longer than 65536 bytes'],
  ])('does not accept %j as a backup', async (bad, why) => {
    const error = await failure(read(`${line({})}\n`, bad, '\n'));
    expect(error.code).toBe('source-failed');
    expect(error.message).toBe(`line 2 of the listing by ./backups is not a backup: ${why}`);
  });
});
