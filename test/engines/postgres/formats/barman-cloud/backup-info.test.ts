import { describe, expect, it } from 'vitest';
import { readBackupInfo } from '../../../../../src/engines/postgres/formats/barman-cloud/backup-info.ts';
import { readPythonLiteral } from '../../../../../src/engines/postgres/formats/barman-cloud/python-literal.ts';
import { cpuMsOf } from '../../../../support/cpu-time.ts';
import { backupInfo } from '../../physical/barman-files.ts';

describe('the backup.info of a barman-cloud backup', () => {
  it('states where recovery begins, the server version, and the locations of tablespaces', () => {
    expect(readBackupInfo(backupInfo())).toEqual({
      status: 'DONE',
      error: undefined,
      version: '17.12',
      label: expect.objectContaining({
        startLsn: '0/2000028',
        startSegment: '000000010000000000000002',
        timeline: 1,
      }),
      endSegment: '000000010000000000000002',
      tablespaces: [{ oid: '16385', location: '/srv/space' }],
      parent: undefined,
      snapshots: undefined,
    });
  });

  it('states where recovery of an exclusive backup begins without a label', () => {
    const info = readBackupInfo(backupInfo({ backup_label: 'None', begin_wal: '0000000A00000001000000FF' }));
    expect(info?.label).toEqual({ startLsn: '0/2000028', startSegment: '0000000A00000001000000FF', timeline: 10 });
  });

  it.each([
    [{ backup_label: "'x'", begin_xlog: 'None' }, { label: undefined }],
    [{ version: '90624' }, { version: undefined }],
    [{ end_wal: '../../etc' }, { endSegment: undefined }],
    [{ tablespaces: '[]' }, { tablespaces: [] }],
    [{ tablespaces: "[('a', '1', '/x'), ('b', -5, '/x'), ('c', 2, None), 7]" }, { tablespaces: [] }],
    [{ tablespaces: "[Tablespace(name='a')]" }, { tablespaces: [] }],
    [{ parent_backup_id: '20261127T030000' }, { parent: '20261127T030000' }],
    [{ snapshots_info: "{'provider': 'aws', 'provider_info': {}, 'snapshots': []}" }, { snapshots: 'aws' }],
    [{ snapshots_info: '{}' }, { snapshots: 'a cloud provider' }],
    [
      { status: 'FAILED', error: 'failure uploading data (x)' },
      { status: 'FAILED', error: 'failure uploading data (x)' },
    ],
  ])('with %j yields %j', (changes, expected) => {
    expect(readBackupInfo(backupInfo(changes as Record<string, string>))).toMatchObject(expected);
  });

  it('is read in time that is linear in its length, whatever it contains', () => {
    const spaces = ' '.repeat(500_000);
    const text = `a=${spaces}x${spaces}\n${spaces}\n status = DONE \n`;
    const spentMs = cpuMsOf(() => expect(readBackupInfo(text)?.status).toBe('DONE'));
    expect(spentMs).toBeLessThan(2000); // quadratic time would be some minutes
  });

  it.each(['', 'status=', '<html>', '{"status": "DONE"}', '[db]\nbackup-id=1\n'])('cannot be read from %j', (text) =>
    expect(readBackupInfo(text)).toBeUndefined(),
  );
});

describe('a Python literal', () => {
  it.each([
    ["'a'", 'a'],
    ['"it\'s"', "it's"],
    [String.raw`'\'\\\n\x41\u20ac\U0001f600\q'`, "'\\\nA€😀\\q"],
    ['[]', []],
    [
      "[('a', 1, '/x'), ('b', 2, '/y')]",
      [
        ['a', 1, '/x'],
        ['b', 2, '/y'],
      ],
    ],
    ["('a',)", ['a']],
    [' None ', null],
    ['[True, False]', [true, false]],
    ['-12', -12],
  ])('%s is read', (text, value) => expect(readPythonLiteral(text)).toEqual(value));

  it.each(['', "'a", '[', ']', '1 2', '1.5', "{'a': 1}", 'print(1)', '[1)(2]'.repeat(9), '['.repeat(1000), "'a' 'b'"])(
    '%s is not read',
    (text) => expect(readPythonLiteral(text)).toBeUndefined(),
  );
});
