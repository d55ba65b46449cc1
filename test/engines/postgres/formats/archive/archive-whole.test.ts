import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { decompress } from '../../../../../src/backup/compression/decompress.ts';
import { requireEnd } from '../../../../../src/engines/postgres/formats/archive/archive-backup.ts';
import { ArchiveMembers } from '../../../../../src/engines/postgres/formats/archive/archive-members.ts';
import { readArchiveToc } from '../../../../../src/engines/postgres/formats/archive/archive-toc.ts';
import { CustomBlocks } from '../../../../../src/engines/postgres/formats/archive/custom-blocks.ts';
import { readTarMembers } from '../../../../../src/engines/postgres/formats/archive/tar-members.ts';
import { watchStream } from '../../../../../src/engines/postgres/formats/archive/watch-stream.ts';
import { largeObjectsBlock, type MadeEntry, makeArchive, rowsBlock } from './archive-bytes.ts';

const never = new AbortController().signal;
const END = '\\.\n\n\n';

const ENTRIES: readonly MadeEntry[] = [
  { desc: 'TABLE DATA', tag: 'a', file: '1.dat', hasData: true },
  { desc: 'TABLE DATA', tag: 'b', file: '2.dat', hasData: true, isInserts: true },
  { desc: 'BLOB METADATA', tag: '7..8', defn: '7\n8\n' },
  { desc: 'BLOBS', tag: 'BLOBS', file: 'blobs_4.toc', hasData: true },
];

const WHOLE: Record<string, string | Buffer> = {
  '1.dat': `1\tx\n2\ty\n${END}`,
  '2.dat': 'INSERT INTO public.b VALUES (1);\n\n\n',
  'blob_7.dat': '\\.\n',
  'blob_8.dat': '',
  'blobs_4.toc': '7 blob_7.dat\n8 blob_8.dat\n',
};

/** Result for a directory archive with these members: `whole`, or the error. */
async function judge(members: Record<string, string | Buffer>, entries = ENTRIES): Promise<string> {
  const found = new ArchiveMembers(readArchiveToc(makeArchive({ layout: 3, entries })), 'dump/', decompress);
  try {
    for (const [name, text] of Object.entries(members)) {
      const bytes = Buffer.from(text as string);
      await buffer(found.watch(name, bytes.length, Readable.from([bytes])));
    }
    found.requireWhole();
    return 'whole';
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`;
  }
}

const changed = (name: string, text: string | Buffer, asName = name) => {
  const { [name]: _, ...others } = WHOLE;
  return judge({ ...others, [asName]: text });
};

describe('the members of a directory or tar archive', () => {
  it('are complete with or without rows, as COPY and as INSERT', async () => {
    expect(await judge(WHOLE)).toBe('whole');
    expect(await judge({ ...WHOLE, '1.dat': END, '2.dat': '\n\n' })).toBe('whole');
  });

  it('are complete with any compression', async () => {
    expect(await changed('1.dat', gzipSync(`1\n${END}`), '1.dat.gz')).toBe('whole');
    expect(await changed('1.dat', zstdCompressSync(`1\n${END}`), '1.dat.zst')).toBe('whole');
    expect(await changed('blob_8.dat', '', 'blob_8.dat.zst')).toBe('whole'); // an empty large object
  });

  it.each([
    ['1.dat', '', '1.dat', /1\.dat \(rows of public\.a\) is empty, without the mark/],
    ['1.dat', '1\tx\n', '1.dat', /ends after 4 B of rows, without the mark/],
    ['1.dat', `1\tx${END}`, '1.dat', /without the mark/],
    ['1.dat', '1\tx\n\\.\n', '1.dat', /without the mark/],
    ['2.dat', '\n', '2.dat', /rows of public\.b.* without the mark/],
    ['2.dat', 'INSERT INTO public.b VALUES (1);\n', '2.dat', /without the mark/],
    ['1.dat', '', '1.dat.gz', /1\.dat\.gz \(rows of public\.a\) is empty: not even its gzip header/],
    ['1.dat', gzipSync('1\tx\n'), '1.dat.gz', /without the mark/],
    ['1.dat', gzipSync(`1\n${END}`).subarray(0, -9), '1.dat.gz', /in the middle of its gzip data/],
    ['1.dat', zstdCompressSync('1\n'), '1.dat.zst', /without the mark/],
    ['1.dat', 'x', 'other', /lacks 1 of the 3 data files that toc.dat names; the first is 1\.dat/],
    ['blob_7.dat', 'x', 'other', /lacks 1 of the 2 large objects .* the first is blob_7\.dat/],
    ['blob_7.dat', '', 'blob_7.dat.gz', /is empty: not even its gzip header/],
    [
      'blobs_4.toc',
      '7 blob_7.dat\n',
      'blobs_4.toc',
      /lists 1 of the 2 large objects in toc\.dat; the first one missing is 8/,
    ],
    ['blobs_4.toc', '7 blob_7.dat\n8 blo', 'blobs_4.toc', /in the middle of a line/],
  ])('are truncated when %s holds %j as %s', async (name, text, asName, message) => {
    const found = await changed(name, text, asName);
    expect(found).toMatch(/^backup-truncated: dump\//);
    expect(found).toMatch(message);
  });

  it.each([
    ['1.dat', '1\tx\r\n\\.\r\n\r\n\r\n'],
    ['2.dat', 'INSERT INTO public.b VALUES (1);\r\n\r\n\r\n'],
    ['blobs_4.toc', '7 blob_7.dat\r\n8 blob_8.dat\r\n'],
  ])('have changed line endings when %s holds %j', async (name, text) => {
    expect(await changed(name, text)).toMatch(/^backup-corrupt: .*line endings were changed/);
  });

  it('include large objects written by pg_dump 16 and earlier, each with its own entry', async () => {
    const entries = [
      { desc: 'BLOB', tag: '7' },
      { desc: 'BLOB', tag: '8' },
      { desc: 'BLOBS', tag: 'BLOBS', file: 'blobs.toc', hasData: true },
    ];
    const members = { 'blob_7.dat': 'x', 'blobs.toc': '7 blob_7.dat\n' };
    expect(await judge(members, entries)).toMatch(/lists 1 of the 2 large objects/);
  });

  it.each([
    [14, 'blobs.toc'],
    [16, 'blobs_1.toc'],
  ])('in a tar may list large objects under two names (archive 1.%i)', (minor, name) => {
    const entries = [{ desc: 'BLOBS', tag: 'BLOBS', file: '9.dat', hasData: true }];
    const members = new ArchiveMembers(
      readArchiveToc(makeArchive({ layout: 3, minor, entries })),
      'dump.tar',
      decompress,
    );
    expect(members.aliasOf(name)).toBe('9.dat');
  });
});

describe('the data blocks of a custom archive', () => {
  const toc = makeArchive({ compression: 'none', entries: ENTRIES });
  const blocks = [
    rowsBlock(1, ['1\tx\n', '2\ty\n', END]),
    rowsBlock(2, ['INSERT INTO public.b VALUES (1);\n', '\n\n']),
    largeObjectsBlock(4, { 7: ['x'], 8: [] }),
  ];
  const read = async (bytes: Buffer, step: number): Promise<CustomBlocks> => {
    const watcher = new CustomBlocks(readArchiveToc(toc), 'orders.dump');
    const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, i) =>
      bytes.subarray(i * step, (i + 1) * step),
    );
    await buffer(watchStream(Readable.from(chunks), watcher));
    return watcher;
  };

  it('are complete, however the bytes are chunked', async () => {
    const bytes = Buffer.concat([toc, ...blocks]);
    for (const step of [1, 7, bytes.length]) expect((await read(bytes, step)).trailingBytes).toBe(0);
    expect((await read(Buffer.concat([bytes, Buffer.from('pod deleted\n')]), 5)).trailingBytes).toBe(12);
  });

  it('must end a backup that was joined from parts: anything after them is corrupt', () => {
    const of = (parts: number) => {
      const object = { key: 'o.dump.01', sizeBytes: 9, modifiedAt: new Date(0), etag: '' };
      const backup = { kind: 'object', key: 'o.dump.*', objects: Array.from({ length: parts }, () => object) } as const;
      return { backup: { ...backup, sizeBytes: 9, takenAt: new Date(0), takenAtFrom: 'name' as const } };
    };
    expect(() => requireEnd(of(2), 12)).toThrow(expect.objectContaining({ code: 'backup-corrupt' }));
    expect(() => requireEnd(of(2), 0)).not.toThrow();
    expect(() => requireEnd(of(1), 12)).not.toThrow();
  });

  it('may be followed by the entries again, as written by pg_dump 17 and later to a file', async () => {
    const { entriesOffset } = readArchiveToc(toc);
    const bytes = Buffer.concat([toc, ...blocks, toc.subarray(entriesOffset)]);
    expect((await read(bytes, 64)).trailingBytes).toBe(0);
  });

  it('are truncated wherever they are cut', async () => {
    const bytes = Buffer.concat([toc, ...blocks]);
    for (let length = toc.length; length < bytes.length; length += 1) {
      await expect(read(bytes.subarray(0, length), 64)).rejects.toMatchObject({ code: 'backup-truncated' });
    }
  });

  it.each([
    ['a missing block', [blocks[0], blocks[2]], 'backup-truncated', /1 of its 3 data blocks is missing/],
    [
      'rows without an end marker',
      [rowsBlock(1, ['1\tx\n']), blocks[1], blocks[2]],
      'backup-truncated',
      /without the mark/,
    ],
    ['a duplicate block', [blocks[0], blocks[0], blocks[1]], 'backup-corrupt', /entry 1, which has none left/],
    ['other data between blocks', [blocks[0], Buffer.from('oops'), blocks[1], blocks[2]], 'backup-corrupt', /kind 111/],
  ])('are refused with %s', async (_, parts, code, message) => {
    const bytes = Buffer.concat([toc, ...(parts as Buffer[])]);
    await expect(read(bytes, 32)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe('a tar', () => {
  const tarOf = async (): Promise<Buffer> => {
    const tar = pack();
    tar.entry({ name: 'toc.dat' }, 'x'.repeat(3000));
    tar.entry({ name: '../../1.dat' }, 'y'.repeat(3000));
    tar.finalize();
    return buffer(tar as unknown as AsyncIterable<Buffer>);
  };
  const read = async (bytes: Buffer): Promise<string[]> => {
    const names: string[] = [];
    for await (const { name, content } of readTarMembers(Readable.from([bytes]), never)) {
      names.push(name);
      await buffer(content);
    }
    return names;
  };

  it('returns its members without their folders', async () => {
    expect(await read(await tarOf())).toEqual(['toc.dat', '1.dat']);
  });

  it.each([600, 3000, 3700, 6000])('truncated at byte %i is detected, even inside a member', async (length) => {
    const error = await read((await tarOf()).subarray(0, length)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'backup-truncated', message: expect.stringMatching(/the tar ends/) });
  });

  it.each([
    ['a damaged header', (tar: Buffer) => tar.fill(0x41, 3584, 4000)],
    ['a wrong size', (tar: Buffer) => tar.write('00000000100', 124)],
  ])('with %s is corrupt', async (_, damage) => {
    const tar = await tarOf();
    damage(tar);
    await expect(read(tar)).rejects.toMatchObject({ code: 'backup-corrupt' });
  });
});
