import { expect, it } from 'vitest';
import { explainPreparing } from '../../../../../src/engines/mysql/formats/mariadb-backup/prepare-backup.ts';
import { explainUnpacked } from '../../../../../src/engines/mysql/xbstream/explain-unpacked.ts';

it.each([
  [
    '[00] 2026-11-28 21:47:30 Error: This incremental backup seems not to be proper for the target.',
    'backup-incomplete',
  ],
  ['2026-11-28 21:47:30 0 [ERROR] InnoDB: Encryption key is not found for ./shop/sec.ibd', 'image-incomplete'],
  ['2026-11-28 21:47:30 0 [ERROR] InnoDB: Missing FILE_CHECKPOINT(45093) at 45143', 'backup-corrupt'],
  [
    "2026-11-28 21:47:30 0 [ERROR] InnoDB: Data file './ibdata1' uses page size 16384, but the innodb_page_size start-up parameter is 8192",
    'backup-corrupt',
  ],
  ['mariadb-backup: Error writing file (Errcode: 28 "No space left on device")', 'disk-full'],
  ["[00] FATAL ERROR: 2026-11-28 21:47:46 Can't open shop/orders.ibd", 'backup-corrupt'],
])('explains why a backup cannot be prepared: %s', (line, code) => {
  const error = explainPreparing('nightly/', 1, ['Starting InnoDB instance for recovery.', line], [line]);
  expect(error).toMatchObject({ code, message: expect.stringContaining('nightly/') });
  expect(error.message).not.toMatch(/2026-11-28|\[00\]/);
});

it.each([
  ['[00] 2026-11-28 21:44:53 mbstream: invalid filename ../evil1', 0, 'backup-corrupt'],
  [
    'xb_stream_read_chunk(): invalid checksum at offset 0xa000e7: expected 0xfb6dcbbd, read 0xd668106a.',
    1,
    'backup-corrupt',
  ],
  ['[00] 2026-11-28 21:44:53 xb_stream_read_chunk(): my_read() failed.', 1, 'backup-truncated'],
  ['xb_stream_read_chunk(): unexpected end of stream at offset 0x1e00129.', 1, 'backup-truncated'],
  ['zstd: /*stdin*\\: premature end', 1, 'backup-truncated'],
  ['[00] 2026-11-28 21:44:53 mbstream: failed to create file.', 0, 'backup-corrupt'],
  ['mbstream: write failed (Errcode: 28 "No space left on device")', 1, 'disk-full'],
])('explains an error of mbstream: %s', (line, exitCode, code) => {
  expect(explainUnpacked('nightly.mb', exitCode, `${line}\n`)).toMatchObject({ code });
});

it('treats no output as success', () => {
  expect(explainUnpacked('nightly.mb', 0, '')).toBeUndefined();
});
