import { describe, expect, test } from 'vitest';
import { checkSchema } from '../../../../src/config/check-schema.ts';
import type { RestoredFile } from '../../../../src/engines/restored-files.ts';
import { judgeSummary } from '../../../../src/verify/kinds/files/files-check.ts';
import { filesSchema, resolveFiles } from '../../../../src/verify/kinds/files/files-spec.ts';
import { readManifest } from '../../../../src/verify/kinds/files/read-manifest.ts';
import { requiredData } from '../../../../src/verify/kinds/files/required-data.ts';
import { NULL_TEXT, readSqliteRows } from '../../../../src/verify/kinds/files/sqlite-rows.ts';
import { summariseFiles } from '../../../../src/verify/kinds/files/summarise-files.ts';

const takenAt = new Date('2026-11-28T03:00:00Z');
const spec = (files: unknown) => resolveFiles(filesSchema.parse(files));
const SUM = '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae';

async function* listing(count: number): AsyncGenerator<RestoredFile> {
  for (let at = 0; at < count; at += 1)
    yield {
      path: `f${at}`,
      kind: 'file',
      sizeBytes: 1000,
      modifiedAt: new Date(takenAt.getTime() - (at + 1) * 3_600_000),
    };
  yield { path: 'link', kind: 'link', sizeBytes: 0, modifiedAt: new Date(takenAt.getTime() + 1) };
}

describe('a files check', () => {
  test.each([
    [{}, 'says nothing to check'],
    [{ count: { min: 0 } }, ''],
    [{ exist: ['/etc/passwd'] }, 'relative'],
    [{ exist: ['a/../../b'] }, '..'],
    [{ exist: ['a', './'] }, 'always there'],
    [{ size: { min: '5g', max: '1g' } }, 'min above its max'],
    [{ sha256: { a: 'abc' } }, '64 hexadecimal'],
    [{ sqlite: { file: 'a.db', sql: 'select 1' } }, 'together with expect'],
    [{ sqlite: { file: 'a.db', sql: '.read x', expect: 1 } }, 'command of the sqlite3 shell'],
    [{ sqlite: { file: 'a.db', integrity: false } }, 'says nothing to check'],
  ])('%j is refused', (files, message) => {
    const parsed = checkSchema.safeParse({ name: 'x', files });
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toContain(message);
  });

  test.each([
    [{ count: { min: 30 } }, true],
    [{ count: { min: 31 } }, false],
    [{ count: 30 }, true],
    [{ size: { min: '29k' } }, true],
    [{ size: { min: '30k' } }, false],
    [{ size: { max: '29k' } }, false],
    [{ newest: '1h' }, true],
    [{ newest: '59m' }, false],
  ])('%j on 30 files of 1000 bytes, the newest an hour old: %s', async (files, passed) => {
    const summary = await summariseFiles(listing(30), { sample: 0, seed: 's' });
    expect(judgeSummary(spec(files), summary, { takenAt }).every((one) => one.passed)).toBe(passed);
  });

  test.each([
    [{ size: { max: '1g' } }, 'nothing'],
    [{ count: { max: 5 } }, 'nothing'],
    [{ size: { min: '1k', max: '1g' } }, 'files'],
    [{ count: 5 }, 'files'],
    [{ newest: '1h' }, 'files'],
    [{ path: 'a', exist: ['.'] }, 'files'],
    [{ sample: 5, size: { max: '1g' } }, 'files'],
    [{ sqlite: { file: 'a.db' } }, 'files'],
    [{ sqlite: { file: 'a.db', sql: 'select 1', expect: 1 } }, 'content'],
    [{ sha256: { a: SUM } }, 'content'],
    [{ manifest: 'SUMS' }, 'content'],
  ])('%j passes only if %s was restored', (files, required) => {
    expect(requiredData(spec(files))).toBe(required);
  });

  test('counts one file as one', async () => {
    const summary = await summariseFiles(listing(1), { sample: 0, seed: 's' });
    expect(judgeSummary(spec({ count: 1 }), summary, { takenAt })).toEqual([{ passed: true, actual: '1 file' }]);
  });

  test('no limit is met when nothing was restored', async () => {
    const summary = await summariseFiles(listing(0), { sample: 3, seed: 's' });
    const found = judgeSummary(spec({ count: { min: 1 }, size: { min: '1k' }, newest: '1h' }), summary, { takenAt });
    expect(found.map(({ passed }) => passed)).toEqual([false, false, false]);
  });

  test('draws the same sample for the same backup, and another for the next', async () => {
    const paths = async (seed: string) =>
      (await summariseFiles(listing(200), { sample: 5, seed })).drawn.map(({ path }) => path);
    expect(await paths('a')).toHaveLength(5);
    expect(await paths('a')).toEqual(await paths('a'));
    expect(await paths('a')).not.toEqual(await paths('b'));
  });
});

test('reads manifests in the formats of sha256sum and BSD, relative to their folder', () => {
  const text = `${SUM}  2026/a.jpg\n${SUM} *b c.jpg\r\n\\${SUM}  x\\ny\\\\z\nSHA256 (d) = ${SUM.toUpperCase()}\n`;
  expect([...(readManifest(text, 'up/SUMS') ?? [])]).toEqual(
    ['up/2026/a.jpg', 'up/b c.jpg', 'up/x\ny\\z', 'up/d'].map((path) => [path, SUM]),
  );
  expect([...(readManifest(`${SUM}  /srv/a.jpg\n`, 'srv/SUMS')?.keys() ?? [])]).toEqual(['srv/a.jpg']);
  expect(readManifest(`${SUM.slice(1)}  a`, 'SUMS')).toBeUndefined();
});

test('reads rows from sqlite3, with NULL and line breaks', () => {
  expect(readSqliteRows(`n\x1fv\x1e1\x1fa\nb\x1e2\x1f${NULL_TEXT}\x1e`)).toEqual({
    columns: ['n', 'v'],
    rows: [
      ['1', 'a\nb'],
      ['2', null],
    ],
    truncated: false,
  });
  expect(readSqliteRows('').rows).toEqual([]);
});
