import { describe, expect, it } from 'vitest';
import type { DirectoryLayout } from '../../src/backup/directory-layout.ts';
import { findCandidates } from '../../src/backup/selection/candidates.ts';
import type { StoredObject } from '../../src/backup/source.ts';
import { layoutMarkedBy, originalName } from '../../src/backup/wrapped-members.ts';
import { createEngine } from '../../src/engines/open-backup.ts';
import { ENGINE_DESCRIPTORS } from '../../src/engines/registry.ts';

const { layouts } = createEngine(ENGINE_DESCRIPTORS.postgres, Object.values(ENGINE_DESCRIPTORS));

function layoutOf(mark: string): DirectoryLayout {
  const layout = layouts.find((one) => one.mark === mark);
  if (!layout) throw new Error(`no layout is marked by ${mark}`);
  return layout;
}

describe('the original name of a member', () => {
  it.each([
    ['toc.dat', 'toc.dat', []],
    ['3456.dat.gz', '3456.dat.gz', []],
    ['toc.dat.age', 'toc.dat', ['encryption']],
    ['3456.dat.gz.age', '3456.dat.gz', ['encryption']],
    ['3456.dat.gz.GPG', '3456.dat.gz', ['encryption']],
    ['toc.dat.zst.age', 'toc.dat', ['encryption', 'compression']],
    ['3456.dat.gz.zst.enc', '3456.dat.gz', ['encryption', 'compression']],
    ['3456.dat.xz', '3456.dat', ['compression']],
    ['3456.dat.age.gz', '3456.dat', ['compression', 'encryption']],
    ['blob_12.dat.gz.age.asc', 'blob_12.dat.gz', ['encryption', 'encryption']],
    ['notes.txt.gz.age', 'notes.txt.gz', ['encryption']],
    ['notes.txt.gz', 'notes.txt.gz', []],
    ['.age', '', ['encryption']],
  ])('of pg_dump: %s', (stored, name, wraps) => {
    expect(originalName(stored, layoutOf('toc.dat'))).toEqual({ name, wraps });
  });

  it.each([
    ['shop.customer.00000.sql.gz.age', 'shop.customer.00000.sql.gz', ['encryption']],
    ['shop-schema-create.sql.asc', 'shop-schema-create.sql', ['encryption']],
    ['metadata.gpg', 'metadata', ['encryption']],
    ['shop.customer.sql.zst', 'shop.customer.sql.zst', []],
  ])('of mydumper: %s', (stored, name, wraps) => {
    expect(originalName(stored, layoutOf('metadata'))).toEqual({ name, wraps });
  });
});

it('finds the layout that explains most of the name of a mark', () => {
  expect(layoutMarkedBy('base.tar.gz.age', layouts)).toEqual({
    layout: layoutOf('base.tar.gz'),
    wraps: ['encryption'],
  });
  expect(layoutMarkedBy('base.tar.gz', layouts)).toEqual({ layout: layoutOf('base.tar.gz'), wraps: [] });
  for (const name of ['toc.dat.bak', 'toc.data.age', 'mytoc.dat.age', 'metadata.yaml'])
    expect(layoutMarkedBy(name, layouts)).toBeUndefined();
});

describe('a listing of encrypted directories', () => {
  const find = (keys: readonly string[], match = '*') => {
    const objects = keys.map((key): StoredObject => ({ key, sizeBytes: 10, modifiedAt: new Date(0), etag: key }));
    return findCandidates(objects, { prefix: '', match, layouts }).matched.map(({ kind, key, lacks }) => [
      kind,
      key,
      lacks,
    ]);
  };

  it('is one backup for each directory', () => {
    const files = ['toc.dat.age', '3456.dat.gz.age', 'blobs.toc.age'];
    expect(find(files.map((name) => `night/${name}`))).toEqual([['directory', 'night/', undefined]]);
    expect(
      find(
        files.map((name) => `night/${name}`),
        '*/toc.dat.age',
      ),
    ).toEqual([['directory', 'night/', undefined]]);
    expect(find(['a/metadata.gpg', 'a/shop-schema-create.sql.gz.gpg'])).toEqual([['directory', 'a/', undefined]]);
  });

  it('says what an unfinished one lacks', () => {
    expect(find(['night/3456.dat.gz.age', 'night/3457.dat.gz.age'])).toEqual([['directory', 'night/', 'toc.dat']]);
  });

  it('takes a file beside the mark for its signature', () => {
    expect(find(['night/toc.dat.asc', 'night/toc.dat', 'night/3456.dat', 'night/3456.dat.asc'])).toEqual([
      ['directory', 'night/', undefined],
    ]);
  });
});
