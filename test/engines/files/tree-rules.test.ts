import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type TreeHeader, TreeRules } from '../../../src/engines/files/tree/tree-entry.ts';
import { visitTar } from '../../../src/engines/recognition/visit-tar.ts';
import { thrownCode } from './thrown-code.ts';

const MTIME = new Date('2026-11-28T03:00:00Z');
const file = (name: string, size = 1): TreeHeader => ({ name, type: 'file', size, mtime: MTIME, mode: 0o4755 });
const link = (name: string, linkname: string): TreeHeader => ({ name, type: 'symlink', linkname });

function decideAll(...headers: readonly TreeHeader[]): TreeRules {
  const rules = new TreeRules('a.tar');
  for (const header of headers) rules.decide(header);
  return rules;
}

/** A header without a magic number. */
function oldHeader(name: string, type: string, mode: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name);
  header.write(mode, 100);
  header.fill(' ', 148, 156);
  header.write(type, 156);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return header;
}

describe('members of an archive', () => {
  test.each([
    ['a name that leads out', [file('a/../../etc/passwd')]],
    ['a name that is ..', [file('..')]],
    ['a file below a link', [link('d', '/drill/scratch'), file('d/f')]],
    ['a file below a link that stays inside', [link('d', 'e'), file('./d//f')]],
    ['a file below a file', [file('a'), file('a/b')]],
    ['a folder that was a file', [file('a'), { name: 'a/', type: 'directory' } as const]],
    ['a hard link to what is elsewhere', [{ name: 'a', type: 'link', linkname: '/etc/passwd' } as const]],
    ['a hard link to a later file', [{ name: 'a', type: 'link', linkname: 'b' } as const, file('b')]],
    ['a name with a NUL', [file('a\0b')]],
  ])('%s is refused', (_what, headers) => {
    expect(thrownCode(() => decideAll(...headers))).toBe('backup-corrupt');
  });

  test('a sparse file is unsupported, and the backup is not blamed for it', () => {
    const sparse = { ...file('a'), pax: { 'GNU.sparse.major': '1' } };
    expect(thrownCode(() => decideAll(sparse))).toBe('format-unsupported');
  });

  test('names that differ only where they are not UTF-8 are not taken for one', () => {
    expect(thrownCode(() => decideAll(file('caf\uFFFD'), file('tea\uFFFD')))).toBeUndefined();
    expect(thrownCode(() => decideAll(file('caf\uFFFD'), file('caf\uFFFD')))).toBe('format-unsupported');
  });

  test('a tar from before POSIX is read, and so is one with a label', async () => {
    const rules = new TreeRules('a.tar');
    const bytes = [oldHeader('nightly', 'V', ''), oldHeader('a', '0', '0000644'), Buffer.alloc(1024)];
    expect(
      await visitTar(Readable.from(bytes), async ({ header }) => rules.decide(header) === undefined),
    ).toBeUndefined();
    expect(rules.counts()).toEqual({ files: 1, folders: 0, links: 0, bytes: 0 });
  });

  test('setuid bits are dropped, and the owner can always read', () => {
    const fate = new TreeRules('a.tar').decide({ ...file('/srv/./a'), mode: 0o4055 });
    expect(fate).toMatchObject({ kind: 'write', header: { name: 'srv/a', mode: 0o655, size: 1 } });
  });

  test('a second name of a link is the same link, and one of a device is skipped as well', () => {
    const rules = new TreeRules('a.tar');
    rules.decide(link('a/now', '../b'));
    const again = {
      name: 'c/d/now',
      type: 'link',
      linkname: './a/now',
    } as const;
    expect(rules.decide(again)).toMatchObject({
      header: { name: 'c/d/now', type: 'symlink', linkname: '../b' },
    });
    rules.decide({ name: 'pipe', type: 'fifo' });
    expect(rules.decide({ name: 'pipe2', type: 'link', linkname: 'pipe' })).toMatchObject({ kind: 'leave' });
    expect(rules.counts()).toEqual({
      files: 0,
      folders: 0,
      links: 2,
      bytes: 0,
    });
    rules.decide({ name: 'c/pipe3', type: 'link', linkname: 'pipe2' });
    expect(thrownCode(() => rules.decide(file('c/d/now/f')))).toBe('backup-corrupt');
  });

  test('links that lead out, devices, and repeated or absolute names are restored or skipped, with a warning', () => {
    const rules = decideAll(
      file('/a', 5),
      file('a', 7),
      link('x/up', '../../etc'),
      link('x/in', '../a'),
      { name: 'null', type: 'character-device' },
      { name: 'b', type: 'link', linkname: 'a' },
    );
    expect(rules.counts()).toEqual({ files: 2, folders: 0, links: 2, bytes: 14 });
    expect(rules.warnings()).toHaveLength(4);
  });
});
