import { describe, expect, it } from 'vitest';
import { explainStart, settingAskedFor } from '../../../../src/engines/mysql/recovery/explain-start.ts';
import { RecoveryLog } from '../../../../src/engines/mysql/recovery/recovery-log.ts';
import { DrillError } from '../../../../src/support/errors.ts';

const ended = new DrillError('server-failed', 'the server did not start (exit code 1)');

function read(...lines: readonly string[]): RecoveryLog {
  const log = new RecoveryLog();
  for (const line of lines) log.readLine(line);
  return log;
}

describe('explainStart', () => {
  it.each([
    [
      '[ERROR] [MY-014061] [Server] Invalid MySQL server downgrade: Cannot downgrade from 90704 to 80400.',
      'version-unsupported',
    ],
    [
      '[ERROR] [MY-013171] [InnoDB] Cannot boot server version 80036 on data directory built by version 90704. Downgrade is not supported',
      'version-unsupported',
    ],
    [
      '[ERROR] InnoDB: Upgrade after a crash is not supported. The redo log was created with MariaDB 10.11.18.',
      'version-unsupported',
    ],
    ['[ERROR] InnoDB: Unsupported redo log format. The redo log was created with MySQL 8.0.36.', 'version-unsupported'],
    [
      "[ERROR] [MY-012657] [InnoDB] Encryption can't find master key, please check the keyring is loaded.",
      'image-incomplete',
    ],
    [
      '[ERROR] InnoDB: Table `shop`.`orders` is encrypted but encryption service or used key_id is not available.',
      'image-incomplete',
    ],
    [
      '[ERROR] InnoDB: Encrypted page [page id: space=0, page number=7] in file ./ibdata1 looks corrupted; key_version=1',
      'image-incomplete',
    ],
    ['[ERROR] mariadbd: Initialization of encryption failed for ./mysql/plugin.MAD', 'image-incomplete'],
    [
      "[ERROR] InnoDB: Data file './ibdata1' uses page size 8192, but the innodb_page_size start-up parameter is 16384",
      'restore-failed',
    ],
    ["[ERROR] Fatal error: Can't open and lock privilege tables: Table 'mysql.db' doesn't exist", 'backup-truncated'],
    ['[ERROR] InnoDB: Missing FILE_CHECKPOINT(45093) at 45143', 'backup-corrupt'],
    ['[ERROR] InnoDB: Database page corruption on disk or a failed read of file ./ibdata1', 'backup-corrupt'],
  ])('explains %s', (line, code) => {
    const log = read(`2026-11-28 21:31:07 0 ${line}`, '2026-11-28 21:31:08 0 [ERROR] Aborting');
    expect(explainStart('nightly/', log.lines, ended)).toMatchObject({ code, cause: ended });
  });

  it('leaves errors unchanged that the log does not explain, or that did not end the server', () => {
    const { lines } = read('2026-11-28 21:31:08 0 [ERROR] Aborting');
    expect(explainStart('nightly/', lines, ended)).toBe(ended);
    const full = new DrillError('disk-full', 'no space left');
    expect(explainStart('nightly/', ['InnoDB: Database page corruption'], full)).toBe(full);
  });
});

describe('settingAskedFor', () => {
  it('reads the page size and letter case that a data directory requires', () => {
    expect(
      settingAskedFor([
        "InnoDB: Data file './ibdata1' uses page size 8192, but the innodb_page_size start-up parameter is 16384",
      ]),
    ).toEqual({ innodb_page_size: '8192' });
    expect(
      settingAskedFor(["Different lower_case_table_names settings for server ('0') and data dictionary ('1')."]),
    ).toEqual({ lower_case_table_names: '1' });
    expect(settingAskedFor(['Aborting'])).toBeUndefined();
  });
});

describe('RecoveryLog', () => {
  it('shows crash recovery as progress', () => {
    expect(read('2026-11-28 21:31:07 0 [Note] InnoDB: To recover: 1234 pages').doing).toBe(
      'crash recovery: 1234 pages to go',
    );
  });

  it('keeps damage that does not stop the server', () => {
    const { flaws } = read(
      '2026-11-28 21:31:07 0 [ERROR] InnoDB: Page [page id: space=5, page number=3] log sequence number 432048 is in the future! Current system log sequence number 45093.',
      '2026-11-28 21:31:07 0 [Warning] InnoDB: something else',
    );
    expect(flaws).toEqual([expect.stringContaining('is in the future')]);
  });

  it('reads the position of the last transaction in the binary log', () => {
    const { logStart } = read(
      "2026-11-28 21:31:07 0 [Note] InnoDB: Last binlog file '/tmp/d/mariadb-bin.000001', position 75091",
    );
    expect(logStart).toEqual({ position: { file: 'mariadb-bin.000001', offset: 75091 }, gtid: undefined });
  });
});
