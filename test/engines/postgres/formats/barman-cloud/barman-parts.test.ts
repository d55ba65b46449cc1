import { describe, expect, it } from 'vitest';
import {
  findBarmanParts,
  findUncertainTablespaces,
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

  it('are unpacked in order, starting with the data directory, however many volumes there are', () => {
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

  it('exclude tars not listed in backup.info and names that only look similar', () => {
    expect(parts(['data.tar', '999.tar', '../1.tar', '01.tar', 'data_1.tar', 'data.tar.part'])).toEqual([
      ['data.tar', 'data', undefined],
    ]);
  });

  it.each([
    [['16385.tar'], ['16385'], 'lacks data.tar, a part of the data directory'],
    [['data.tar', 'data_0002.tar'], [], 'lacks data_0001.tar, a part of the data directory'],
    [['data_0001.tar'], [], 'lacks data.tar'],
    [['data.tar'], ['16385'], 'lacks 16385.tar, a part of the tablespace in /srv/16385'],
  ])('%j are incomplete with the tablespaces %j', (names, oids, message) => {
    expect(() => parts(names, ...oids)).toThrow(
      expect.objectContaining({ code: 'backup-truncated', message: expect.stringContaining(message) }),
    );
  });

  it('are refused when two have the same position', () => {
    expect(() => parts(['data.tar', 'data.tar.gz'])).toThrow(expect.objectContaining({ code: 'backup-corrupt' }));
  });

  it.each([
    [
      'none, where the last one is smaller than any that was followed by another',
      { data: [101, 3], 16385: [102, 90], 16386: [4] },
      [],
    ],
    [
      'one that could have been closed: it is about as large',
      { data: [101, 3], 16385: [102, 101], 16386: [4] },
      ['16385'],
    ],
    ['one that is alone, and about as large', { data: [101, 3], 16385: [101], 16386: [99] }, ['16385']],
    ['all, where nothing shows how large they may be', { data: [9], 16385: [7], 16386: [1] }, ['16385', '16386']],
  ])('may lack the last volume of tablespaces: %s', (_what, sizes, uncertain) => {
    const volumes = Object.entries(sizes).flatMap(([stem, gigabytes]) =>
      gigabytes.map((size, index) => {
        const name = `${stem}${index === 0 ? '' : `_000${index}`}.tar`;
        const sizeBytes = size * 2 ** 30;
        return [name, { sizeBytes, exactBytes: sizeBytes }] as const;
      }),
    );
    const content = { ...directoryContent({}, ID), members: new Map(volumes) };
    const tablespaces = ['16385', '16386'].map((oid) => ({ oid, location: `/srv/${oid}` }));
    const found = findUncertainTablespaces(content, findBarmanParts(content, { tablespaces }), { tablespaces });
    expect(found.map(({ oid }) => oid)).toEqual(uncertain);
  });
});
