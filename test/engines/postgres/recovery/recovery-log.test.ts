import { describe, expect, it } from 'vitest';
import { RecoveryLog } from '../../../../src/engines/postgres/recovery/recovery-log.ts';

const read = (...lines: readonly string[]): RecoveryLog => {
  const log = new RecoveryLog();
  for (const line of lines) log.readLine(`2026-11-28 15:11:20.769 UTC [137] ${line}`);
  return log;
};

const OF = { key: 'base.tar', point: 'the position 9/0', hasArchive: false };

describe('the log of a recovering server', () => {
  it('shows its progress, where it ended, and the last transaction that it replayed', () => {
    const { end } = read(
      'LOG:  redo starts at 0/2000028',
      'LOG:  redo in progress, elapsed time: 1.00 s, current LSN: 0/5A8F0C0',
      'LOG:  redo done at 0/7FFFF28 system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 2.10 s',
      'LOG:  last completed transaction was at log time 2026-11-27 03:10:00.25+00',
    );
    expect(end).toEqual({
      at: '0/5A8F0C0',
      redoDoneAt: '0/7FFFF28',
      lastCommitAt: new Date('2026-11-27T03:10:00.250Z'),
      stopped: undefined,
    });
  });

  it('yields nothing when it has no relevant lines', () => {
    const log = read('LOG:  database system is ready to accept connections', 'no prefix');
    expect(log.end).toEqual({ at: undefined, redoDoneAt: undefined, lastCommitAt: undefined, stopped: undefined });
    expect(log.explain(OF, [])).toBeUndefined();
  });

  it.each([
    ['could not locate required checkpoint record at 0/2000060', 'backup-truncated'],
    ['could not locate a valid checkpoint record at 0/2000060', 'backup-truncated'],
    ['could not find redo location 0/2000028 referenced by checkpoint record at 0/2000060', 'backup-truncated'],
    ['WAL ends before end of online backup', 'backup-truncated'],
    ['directory "/mnt/fast/pg" does not exist', 'image-incomplete'],
    ['WAL ends before consistent recovery point', 'backup-truncated'],
    ['recovery ended before configured recovery target was reached', 'backup-truncated'],
    ['could not extend file "base/16384/16385": No space left on device', 'disk-full'],
    ['could not write to file "pg_wal/xlogtemp.31": No space left on device', 'disk-full'],
    ['archive file "000000010000000000000003" has wrong size: 65536 instead of 16777216', 'disk-full'],
    ['maximum number of prepared transactions reached', 'image-incomplete'],
    ['resource manager with ID 128 not registered', 'image-incomplete'],
    ['could not access file "pg_cron": No such file or directory', 'image-incomplete'],
    ['database files are incompatible with server', 'version-unsupported'],
    ['incorrect checksum in control file', 'backup-corrupt'],
    ['invalid data in file "backup_label"', 'backup-corrupt'],
    ['recovery aborted because of insufficient parameter settings', 'restore-failed'],
  ])('explains an end with FATAL: %s', (message, code) => {
    const error = read(`FATAL:  ${message}`, 'LOG:  database system is shut down').explain(OF, ['last line']);
    expect(error).toMatchObject({ code, details: ['last line'] });
    expect(error?.message).toMatch(/^base\.tar: \w/);
    expect(error?.hint).toMatch(/\.$/);
  });

  it.each([
    [
      'recovery ended before configured recovery target was reached',
      /^the log ends before the position 9\/0: its last transaction committed at 27 Nov 2026, 03:10:00/,
      /Check the target/,
    ],
    [
      'requested recovery stop point is before consistent recovery point',
      /^the position 9\/0 is before the end of base\.tar$/,
      /older backup/,
    ],
  ])('explains a target that is not reached with FATAL: %s', (message, says, hint) => {
    const log = read(
      'LOG:  last completed transaction was at log time 2026-11-27 03:10:00.25+00',
      `FATAL:  ${message}`,
      'LOG:  database system is shut down',
    );
    expect(log.explain({ ...OF, hasArchive: true }, [])).toMatchObject({
      ...{ code: 'target-not-reached', message: expect.stringMatching(says), hint: expect.stringMatching(hint) },
    });
  });
});
