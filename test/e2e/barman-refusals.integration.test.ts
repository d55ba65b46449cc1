import { expect, it } from 'vitest';
import { backupInfo } from '../engines/postgres/physical/barman-files.ts';
import { makeDrillWorkspace } from '../support/cli-drill.ts';

const TARS = ['data.tar', '16385.tar'];

it.each([
  [
    'that was not finished',
    { status: 'FAILED', error: 'failure uploading data (disk on fire)' },
    TARS,
    'backup-truncated',
    /was not finished: its status is FAILED: failure uploading data \(disk on fire\)/,
    /job that runs barman-cloud-backup/,
  ],
  [
    'of snapshots of disks',
    { snapshots_info: "{'provider': 'aws', 'provider_info': {}, 'snapshots': []}" },
    [],
    'format-unsupported',
    /consists of snapshots of disks \(aws\)/,
    /without `--snapshot-instance`/,
  ],
  [
    'of what changed',
    { parent_backup_id: '20261127T030000' },
    TARS,
    'format-unsupported',
    /is an incremental backup, based on 20261127T030000/,
    /Drill the full backup/,
  ],
  [
    'in the catalog of a Barman server',
    { mode: 'rsync-concurrent', parent_backup_id: 'None' },
    [],
    'format-unsupported',
    /in the catalog of a Barman server \(rsync-concurrent\)/,
    /`barman-cloud-backup`/,
  ],
  [
    'that lacks a tablespace',
    {},
    ['data.tar'],
    'backup-truncated',
    /lacks 16385\.tar, a part of the tablespace in \/srv\/space/,
    /lifecycle rules/,
  ],
] as const)(
  'a backup of barman-cloud %s is refused before a sandbox exists',
  async (_what, info, tars, code, says, hint) => {
    await using workspace = await makeDrillWorkspace();
    const directory = 'backups/cloud/base/20261128T181815';
    await workspace.write(`${directory}/backup.info`, backupInfo(info));
    for (const name of tars) await workspace.write(`${directory}/${name}`, Buffer.alloc(10_240));
    await workspace.writeDrill({ backup: { source: './backups', match: 'cloud/base/*', takenAt: 'name' } });
    const { run } = await workspace.drill();
    expect(run.error).toMatchObject({
      ...{ code, stage: 'locate' },
      ...{ message: expect.stringMatching(says), hint: expect.stringMatching(hint) },
    });
    expect(run.sandbox).toBeUndefined();
    expect(run.verdict).toBe(code === 'backup-truncated' ? 'failed' : undefined);
  },
);
