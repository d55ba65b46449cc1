import { describe, expect, it } from 'vitest';
import { findParts } from '../../../../../src/engines/postgres/formats/base-backup/backup-parts.ts';
import { directoryContent } from '../../../../support/fake-content.ts';

describe('the parts of a base backup', () => {
  it('are its tars, starting with the data directory', () => {
    const files = { '16384.tar.zst': '', 'base.tar.zst': '', 'pg_wal.tar': '', backup_manifest: '', 'notes.txt': '' };
    const parts = findParts(directoryContent(files)) ?? [];
    expect(parts.map(({ name, into, compressedWith }) => [name, into, compressedWith])).toEqual([
      ['base.tar.zst', 'data', 'zstd'],
      ['16384.tar.zst', { tablespace: '16384' }, 'zstd'],
      ['pg_wal.tar', 'log', undefined],
    ]);
  });

  it('exclude names that only look similar', () => {
    const files = {
      'base.tar': '',
      '../1.tar': '',
      '01.tar': '',
      '12345678901.tar': '',
      'pg_wal.tar.xz': '',
      'base.tar.part': '',
    };
    expect(findParts(directoryContent(files))?.map(({ name }) => name)).toEqual(['base.tar']);
  });
});
