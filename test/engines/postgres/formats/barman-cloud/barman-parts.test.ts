import { describe, expect, it } from 'vitest';
import {
  findBarmanParts,
  warnOfVolumes,
} from '../../../../../src/engines/postgres/formats/barman-cloud/barman-parts.ts';
import { directoryContent } from '../../../../support/fake-content.ts';

const ID = 'srv/base/20261128T181815/';

describe('the tars of a barman-cloud backup', () => {
  const parts = (names: readonly string[], ...oids: readonly string[]) => {
    const content = directoryContent(Object.fromEntries(names.map((name) => [name, ''])), ID);
    const tablespaces = oids.map((oid) => ({ oid, location: `/srv/${oid}` }));
    return findBarmanParts(content, { tablespaces }).map(({ name, into, compressedWith }) => [
      name,
      into,
      compressedWith,
    ]);
  };

  it('are unpacked in order, the data directory first, however many volumes there are', () => {
    const names = ['16385_0001.tar.gz', 'data_0001.tar.gz', '16385.tar.gz', 'data_0002.tar.gz', 'data.tar.gz'];
    expect(parts(['backup.info', ...names], '16385')).toEqual([
      ['data.tar.gz', 'data', 'gzip'],
      ['data_0001.tar.gz', 'data', 'gzip'],
      ['data_0002.tar.gz', 'data', 'gzip'],
      ['16385.tar.gz', { tablespace: '16385' }, 'gzip'],
      ['16385_0001.tar.gz', { tablespace: '16385' }, 'gzip'],
    ]);
  });

  it.each([
    ['data.tar', undefined],
    ['data.tar.zst', 'zstd'],
    ['data.tar.lz4', 'lz4'],
    ['data.tar.bz2', undefined],
    ['data.tar.snappy', undefined],
  ])('%s is decompressed in the sandbox with %s', (name, tool) =>
    expect(parts([name])).toEqual([[name, 'data', tool]]),
  );

  it('leave out what the backup.info does not name, and what only looks like one', () => {
    expect(parts(['data.tar', '999.tar', '../1.tar', '01.tar', 'data_1.tar', 'data.tar.part'])).toEqual([
      ['data.tar', 'data', undefined],
    ]);
  });

  it.each([
    [['16385.tar'], ['16385'], 'lacks data.tar, a part of the data directory'],
    [['data.tar', 'data_0002.tar'], [], 'lacks data_0001.tar, a part of the data directory'],
    [['data_0001.tar'], [], 'lacks data.tar'],
    [['data.tar'], ['16385'], 'lacks 16385.tar, a part of the tablespace in /srv/16385'],
  ])('%j with the tablespaces %j are not whole', (names, oids, message) => {
    expect(() => parts(names, ...oids)).toThrow(
      expect.objectContaining({ code: 'backup-truncated', message: expect.stringContaining(message) }),
    );
  });

  it('are refused when two have one place', () => {
    expect(() => parts(['data.tar', 'data.tar.gz'])).toThrow(expect.objectContaining({ code: 'backup-corrupt' }));
  });

  it('have a warning where a tablespace may lack its last volume', () => {
    const tablespaces = [
      { oid: '16385', location: '/srv/large' },
      { oid: '16386', location: '/srv/small' },
    ];
    const names = ['data.tar', 'data_0001.tar', '16385.tar', '16385_0001.tar', '16386.tar'];
    const found = findBarmanParts(directoryContent(Object.fromEntries(names.map((name) => [name, ''])), ID), {
      tablespaces,
    });
    expect(warnOfVolumes(found, { tablespaces })).toEqual([
      expect.stringContaining('the tablespace in /srv/large is in 2 volumes'),
    ]);
  });
});
