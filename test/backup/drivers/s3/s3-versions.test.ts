import { describe, expect, it } from 'vitest';
import { VersionListing } from '../../../../src/backup/drivers/s3/s3-versions.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

/** `v1 10` is a version and `d1 10` a deletion, each with its second; the one with `*` is the latest. */
function order(...lines: readonly string[]): string {
  const entries = lines.map((line) => {
    const [VersionId = '', second = '', latest] = line.split(' ');
    return { Key: 'k', VersionId, LastModified: at(Number(second)), IsLatest: latest === '*' };
  });
  const page = new VersionListing('a store', '').read({
    Name: 'b',
    IsTruncated: false,
    Versions: entries
      .filter(({ VersionId }) => VersionId.startsWith('v'))
      .map((one) => ({ ...one, Size: 1, ETag: 'e' })),
    DeleteMarkers: entries.filter(({ VersionId }) => VersionId.startsWith('d')),
  });
  return page.map(({ versionId }) => versionId).join(' ');
}

describe('of a version and a deletion in the same second', () => {
  it.each([
    ['the latest is the newer: deleted', ['v1 10', 'd1 10 *'], 'd1 v1'],
    ['the latest is the newer: stored again', ['v0 5', 'd1 10', 'v1 10 *'], 'v1 d1 v0'],
    ['the deletion is the newer when there was nothing else to delete', ['v1 10', 'd1 10', 'v2 60 *'], 'v2 d1 v1'],
    ['so it is after an earlier deletion', ['v0 5', 'd0 6', 'v1 10', 'd1 10', 'v2 60 *'], 'v2 d1 v1 d0 v0'],
    [
      'the version is the newer when it may replace what was deleted',
      ['v0 5', 'd1 10', 'v1 10', 'v2 60 *'],
      'v2 v1 d1 v0',
    ],
  ])('%s', (_, lines, expected) => {
    expect(order(...lines)).toBe(expected);
  });
});
