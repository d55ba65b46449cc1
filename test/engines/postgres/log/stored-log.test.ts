import { describe, expect, it } from 'vitest';
import { LOG_PLACE } from '../../../../src/engines/postgres/formats/barman-cloud/barman-format.ts';
import { findStoredLog, upTo } from '../../../../src/engines/postgres/log/stored-log.ts';
import { sourceFiles } from '../../../support/fake-content.ts';

describe('a log stored with the backups', () => {
  const log = (key: string, description: string, ...keys: readonly string[]) =>
    findStoredLog(key, sourceFiles(keys, { description }), LOG_PLACE);

  it.each([
    ['base/20261128T181815/', '/backups/srv', 'wals/1', '/backups/srv/wals/'],
    ['a/srv/base/1/', 's3://bucket/a/srv/', 'a/srv/wals/1', 's3://bucket/a/srv/wals/'],
    ['a/srv/base/1/', 's3://bucket/a/', 'a/srv/wals/1', 's3://bucket/a/srv/wals/'],
    ['srv/base/1/', 's3://bucket/', 'srv/wals/1', 's3://bucket/srv/wals/'],
  ])('for %s in %s is found', (key, source, file, description) => {
    const found = log(key, source, file, 'other/wals/1', 'base/x', 'srv2/wals/1');
    expect(found).toMatchObject({ description, files: [{ key: file }] });
  });

  it('is unknown for a backup that was moved', () => {
    expect(log('copy/20261128T181815/', '/backups', 'wals/1')).toBeUndefined();
    expect(findStoredLog('base/1/', undefined, LOG_PLACE)).toBeUndefined();
  });

  it('is needed only up to the last segment of the backup when recovery ends there', () => {
    const [first, second] = ['000000010000000000000002', '000000010000000000000003'];
    const files = [`wals/0000000100000000/${first}.gz`, `wals/0000000100000000/${second}.gz`, 'wals/00000002.history'];
    const found = log('base/1/', '/b', ...files);
    expect(found && upTo(found, first).files.map(({ key }) => key)).toEqual([files[0], files[2]]);
    expect(found && upTo(found, undefined).files.length).toBe(3);
  });
});
