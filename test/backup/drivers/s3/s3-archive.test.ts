import { describe, expect, it } from 'vitest';
import { type ArchiveState, checkArchived, mayBeArchived } from '../../../../src/backup/drivers/s3/s3-archive.ts';
import { DrillError } from '../../../../src/support/errors.ts';

const OBJECT = { bucket: 'acme', key: 'orders/a.dump' };

function check(state: ArchiveState): string | undefined {
  try {
    return checkArchived(OBJECT, state);
  } catch (error) {
    if (error instanceof DrillError) return `${error.code}: ${error.message} / ${error.hint}`;
    throw error;
  }
}

describe('an archived object', () => {
  it.each([
    [
      { StorageClass: 'GLACIER' },
      /^backup-archived: .*storage class GLACIER and cannot be read .*takes 3 to 5 hours.*Days=2/,
    ],
    [{ StorageClass: 'DEEP_ARCHIVE' }, /up to 12 hours.*restore-object --bucket acme --key orders\/a.dump/],
    [
      { StorageClass: 'INTELLIGENT_TIERING', ArchiveStatus: 'DEEP_ARCHIVE_ACCESS' },
      /DEEP_ARCHIVE_ACCESS.*--restore-request '?\{\}'?/,
    ],
    [
      { StorageClass: 'GLACIER', Restore: 'ongoing-request="true"' },
      /^backup-archived: .* is being restored .*Run the drill again once/,
    ],
  ])('in the state %j is refused, with what to do', (state, told) => {
    expect(check(state)).toMatch(told);
  });

  it('with a restored copy is read, with a warning that says until when', () => {
    const Restore = 'ongoing-request="false", expiry-date="Fri, 11 Dec 2026 00:00:00 GMT"';
    expect(check({ StorageClass: 'GLACIER', Restore })).toMatch(
      /a restored copy is read, which is there until 11 Dec 2026, 00:00 UTC/,
    );
  });

  it.each([
    [{}],
    [{ StorageClass: 'STANDARD_IA' }],
    [{ StorageClass: 'GLACIER_IR' }],
    [{ StorageClass: 'INTELLIGENT_TIERING' }],
  ])('%j is not one', (state) => {
    expect(check(state)).toBeUndefined();
  });
});

it.each([
  ['GLACIER', true],
  ['INTELLIGENT_TIERING', true],
  ['GLACIER_IR', false],
  ['STANDARD_IA', false],
  [undefined, false],
])('objects of storage class %s are inspected: %s', (storageClass, isLookedInto) => {
  expect(mayBeArchived(storageClass)).toBe(isLookedInto);
});
