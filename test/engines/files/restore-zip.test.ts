import { expect, test } from 'vitest';
import { judgeUnzip, readList } from '../../../src/engines/files/formats/archive/restore-zip.ts';
import { thrownCode } from './thrown-code.ts';

/** As unzip 6.0 of Debian 13 prints them. */
test.each([
  ['of an empty archive', 1, 'warning [a.zip]:  zipfile is empty', 'backup-empty'],
  ['of nothing', 1, '', 'backup-corrupt'],
  ['of an uncommon method', 81, 'skipping: x  need PK compat. v6.3 (can do v4.6)', 'format-unsupported'],
  ['of AES', 81, 'skipping: x                       need PK compat. v5.1 (can do v4.6)', 'backup-encrypted'],
  ['of another password', 2, 'skipping: x                       unable to get password', 'backup-encrypted'],
  ['of a file below a link', 2, 'checkdir error:  d/x exists but is not directory', 'backup-corrupt'],
  ['of a wrong checksum', 2, 'x                       bad CRC 6e1b1d4f  (should be d1f2c6a8)', 'backup-corrupt'],
  [
    'of a wrong checksum among backslashes',
    2,
    'warning:  a.zip appears to use backslashes as path separators\nx  bad CRC 6e1b1d4f  (should be d1f2c6a8)',
    'backup-corrupt',
  ],
])('explains the output %s', (_what, exitCode, output, code) => {
  expect(thrownCode(() => judgeUnzip('a.zip', exitCode, output))).toBe(code);
});

test('accepts names with backslashes, as Windows programs write them, and absolute ones', () => {
  const output = '\nwarning:  a.zip appears to use backslashes as path separators\n';
  expect(judgeUnzip('a.zip', 1, output)).toHaveLength(1);
  expect(judgeUnzip('a.zip', 1, `${output}warning:  stripped absolute path spec from /etc/x\n`)).toHaveLength(2);
  expect(judgeUnzip('a.zip', 0, '')).toEqual([]);
});

test('counts each name once, and no link as a file', () => {
  expect(readList('a.zip', '15\n14\n1\n')).toEqual({
    files: 13,
    warnings: [expect.any(String), expect.any(String)],
  });
  expect(readList('a.zip', '13\n13\n0\n')).toEqual({ files: 13, warnings: [] });
  expect(readList('a.zip', '0\n0\n0\n').files).toBeUndefined();
});

test('refuses a name that leads out, which unzip changes without a word', () => {
  expect(thrownCode(() => readList('a.zip', '2\n2\n0\na/../../x\n'))).toBe('backup-corrupt');
});
