import { describe, expect, it } from 'vitest';
import { type ListingPage, ListingReader } from '../../../../src/backup/drivers/s3/s3-listing.ts';

const ENTRY = { Key: 'orders/a.dump', Size: 10, LastModified: new Date('2026-11-20T03:00:00Z'), ETag: '"e"' };
const WHOLE: ListingPage = { Name: 'acme', IsTruncated: false, KeyCount: 1, Contents: [ENTRY] };

function refusal(...pages: ListingPage[]): string {
  const reader = new ListingReader('http://store for acme', 'orders/');
  try {
    for (const page of pages) reader.read(page);
    return 'read';
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return `${code}: ${message}`;
  }
}

describe('a listing', () => {
  it('returns objects with their storage class, and the token of the next page', () => {
    const reader = new ListingReader('http://store for acme', 'orders/');
    const archived = { ...ENTRY, Key: 'orders/b.dump', StorageClass: 'GLACIER' } as const;
    const standard = { ...ENTRY, StorageClass: 'STANDARD' } as const;
    expect(reader.read({ IsTruncated: true, NextContinuationToken: 'n', Contents: [standard, archived] })).toEqual([
      { key: 'orders/a.dump', sizeBytes: 10, modifiedAt: ENTRY.LastModified, etag: '"e"' },
      { key: 'orders/b.dump', sizeBytes: 10, modifiedAt: ENTRY.LastModified, etag: '"e"', storageClass: 'GLACIER' },
    ]);
    expect(reader.token).toBe('n');
    expect(reader.read({ Name: 'acme', IsTruncated: false })).toEqual([]);
    expect(reader.token).toBeUndefined();
  });

  it.each<[string, ListingPage[], RegExp]>([
    ['an empty response', [{}], /something that is not a listing/],
    ['the response of another operation', [{ CommonPrefixes: [] }], /something that is not a listing/],
    ['a truncated page without a token', [{ ...WHOLE, IsTruncated: true }], /gives no continuation token/],
    [
      'a repeated token',
      ['1', '2', '1'].map((NextContinuationToken) => ({ ...WHOLE, IsTruncated: true, NextContinuationToken })),
      /the same continuation token again/,
    ],
    ['keys that are counted but missing', [{ Name: 'acme', KeyCount: 3 }], /3 keys without any key/],
    ['a negative size', [{ ...WHOLE, Contents: [{ ...ENTRY, Size: -5 }] }], /"orders\/a.dump" has a size of -5/],
    ['a fractional size', [{ ...WHOLE, Contents: [{ ...ENTRY, Size: 1.5 }] }], /has a size of 1.5/],
    ['a size that is not a number', [{ ...WHOLE, Contents: [{ ...ENTRY, Size: Number.NaN }] }], /has a size of NaN/],
    [
      'a size beyond the largest number',
      [{ ...WHOLE, Contents: [{ ...ENTRY, Size: 1e300 }] }],
      /has a size of 1e\+300/,
    ],
    ['no size', [{ ...WHOLE, Contents: [{ ...ENTRY, Size: undefined }] }], /has no size/],
    ['no ETag', [{ ...WHOLE, Contents: [{ ...ENTRY, ETag: '' }] }], /has no ETag/],
    ['no time', [{ ...WHOLE, Contents: [{ ...ENTRY, LastModified: new Date('x') }] }], /has no modification time/],
    [
      'a key outside the prefix',
      [{ ...WHOLE, Contents: [{ ...ENTRY, Key: 'other/b' }] }],
      /does not begin with the prefix/,
    ],
    [
      'endless empty pages',
      Array.from({ length: 1001 }, (_, index) => ({
        Name: 'a',
        IsTruncated: true,
        NextContinuationToken: String(index),
      })),
      /1,001 pages of a listing without any key/,
    ],
  ])('with %s is refused', (_what, pages, expected) => {
    expect(refusal(...pages)).toMatch(/^source-failed: http:\/\/store for acme answers /);
    expect(refusal(...pages)).toMatch(expected);
  });

  it('of an empty bucket is accepted', () => {
    expect(refusal({ Name: 'acme', IsTruncated: false, KeyCount: 0 })).toBe('read');
    expect(refusal({ KeyCount: 0 })).toBe('read');
  });
});
