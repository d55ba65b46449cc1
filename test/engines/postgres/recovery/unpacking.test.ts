import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { requireTarEnd } from '../../../../src/engines/physical/require-tar-end.ts';
import { readBackupLabel } from '../../../../src/engines/postgres/recovery/backup-label.ts';
import { preloadedIn, readTablespaceMap } from '../../../../src/engines/postgres/recovery/prepare-directory.ts';
import { explainUnpacking } from '../../../../src/engines/postgres/recovery/unpack-parts.ts';

describe('a backup label', () => {
  it('states where recovery begins', () => {
    const label = `START WAL LOCATION: 2A/F0000028 (file 000000030000002A000000F0)\nCHECKPOINT LOCATION: 2A/F0000060\nSTART TIME: 2026-11-28 03:00:01 CET\nLABEL: nightly\nSTART TIMELINE: 3\n`;
    expect(readBackupLabel(label)).toEqual({
      startLsn: '2A/F0000028',
      startSegment: '000000030000002A000000F0',
      timeline: 3,
      startedAt: '2026-11-28 03:00:01 CET',
      basedOn: undefined,
    });
    const increment = `${label}INCREMENTAL FROM LSN: 2A/E0000028\nINCREMENTAL FROM TLI: 2\n`;
    expect(readBackupLabel(increment)?.basedOn).toEqual({ startLsn: '2A/E0000028', timeline: 2 });
  });

  it.each(['', 'START WAL LOCATION: 0/0 (file x)', 'LABEL: START WAL LOCATION: 0/0 (file 000000010000000000000002)'])(
    'cannot be read from %j',
    (text) => expect(readBackupLabel(text)).toBeUndefined(),
  );
});

it('a tablespace map is read even if its paths contain special characters', () => {
  expect(readTablespaceMap('16384 /srv/a b\n16385 /srv/line\\\nend\nx /srv\n0 /srv\n')).toEqual([
    { oid: '16384', location: '/srv/a b' },
    { oid: '16385', location: '/srv/line\\\nend' },
  ]);
});

it('preloaded libraries are taken from the last setting in a configuration, never from other text', () => {
  expect(
    preloadedIn("#shared_preload_libraries = 'old'\nshared_preload_libraries = 'a'\nshared_preload_libraries='b, c'\n"),
  ).toBe('b, c');
  expect(preloadedIn("shared_preload_libraries = 'a, $libdir/b,c'", ['b', 'a'])).toBe('c');
  expect(preloadedIn("shared_preload_libraries = 'a'", ['a'])).toBeUndefined();
  expect(preloadedIn("shared_preload_libraries = ''")).toBeUndefined();
  expect(preloadedIn("shared_preload_libraries = 'a'\nshared_preload_libraries = ''\n")).toBeUndefined();
  expect(preloadedIn('shared_preload_libraries = pg_stat_statements # all\n')).toBe('pg_stat_statements');
  expect(preloadedIn('Shared_Preload_Libraries auto_explain')).toBe('auto_explain');
  expect(preloadedIn(`shared_preload_libraries = '"$libdir/a", "b"'`)).toBe('$libdir/a, b');
  expect(preloadedIn("shared_preload_libraries = '\u001b[2J'")).toBeUndefined();
});

describe('the end of a tar', () => {
  const end = Buffer.alloc(1024);
  const read = (...chunks: Buffer[]) => text(requireTarEnd(Readable.from(chunks), 'base.tar'));

  it('consists of two blocks of zeros, however they are split into chunks', async () => {
    await expect(read(Buffer.from('data'), end)).resolves.toContain('data');
    await expect(read(Buffer.from('data'), ...Array.from({ length: 1024 }, () => Buffer.alloc(1)))).resolves.toContain(
      'data',
    );
  });

  it.each([
    ['a cut', [Buffer.from('data')]],
    ['one block', [Buffer.from('data'), Buffer.alloc(512)]],
    ['nothing', []],
  ])('is missing after %s', async (_what, chunks) => {
    await expect(read(...chunks)).rejects.toMatchObject({ code: 'backup-truncated' });
  });
});

it.each([
  ['tar: Unexpected EOF in archive', 'backup-truncated'],
  ['gzip: stdin: unexpected end of file', 'backup-truncated'],
  ['/*stdin*\\ : Read error (39) : premature end', 'backup-truncated'],
  ['lz4: Unfinished stream', 'backup-truncated'],
  ['tar: short read', 'backup-truncated'],
  ['gzip: stdin: invalid compressed data--crc error', 'backup-corrupt'],
  ['/*stdin*\\ : Decoding error (36) : Data corruption detected', 'backup-corrupt'],
  ['tar: ../x: Member name contains `..`', 'backup-corrupt'],
  ['tar: PG_VERSION: Cannot open: File exists', 'backup-corrupt'],
  ['tar: base/1: Cannot write: No space left on device', 'disk-full'],
])('an unpacking error with %j is %s', (stderr, code) => {
  expect(explainUnpacking('base.tar', stderr, 2)).toMatchObject({ code });
});
