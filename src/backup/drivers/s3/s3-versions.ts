import type * as S3 from '@aws-sdk/client-s3';
import { DrillError } from '../../../support/errors.ts';
import type { StoredVersion } from '../../source.ts';

export type VersionsPage = Pick<
  S3.ListObjectVersionsCommandOutput,
  'Name' | 'IsTruncated' | 'NextKeyMarker' | 'NextVersionIdMarker' | 'Versions' | 'DeleteMarkers'
>;

/** Where the next page of a version listing starts. */
export interface VersionMarker {
  readonly KeyMarker: string;
  readonly VersionIdMarker: string | undefined;
}

/** Reads a listing of versions page by page and rejects malformed pages, because a missing version would change the reconstructed past. */
export class VersionListing {
  readonly #where: string;
  readonly #prefix: string;
  readonly #seen = new Set<string>();
  /** undefined before the first and after the last page. */
  next: VersionMarker | undefined;

  /** @param where the bucket and the store, for messages. @param prefix the prefix of every key. */
  constructor(where: string, prefix: string) {
    this.#where = where;
    this.#prefix = prefix;
  }

  /** @returns versions and deletions, newest first per key. @throws DrillError `source-failed` for a page that is not a listing of versions. */
  read(page: VersionsPage): StoredVersion[] {
    const { Versions = [], DeleteMarkers = [], IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
    if (page.Name === undefined && IsTruncated === undefined && Versions.length + DeleteMarkers.length === 0)
      throw this.#nonsense('with something that is not a listing of versions');
    this.next = this.#nextMarker(IsTruncated, NextKeyMarker, NextVersionIdMarker);
    const all = [
      ...Versions.map((version) => this.#version(version, false)),
      ...DeleteMarkers.map((marker) => this.#version({ ...marker, Size: 0, ETag: '-' }, true)),
    ];
    return deletionsFirst(all.sort(byKeyAndNewest));
  }

  #nextMarker(
    isTruncated: boolean | undefined,
    key: string | undefined,
    version: string | undefined,
  ): VersionMarker | undefined {
    if (!isTruncated) return undefined;
    const marker = JSON.stringify([key, version]);
    if (!key) throw this.#nonsense('with a page that says more follow, and does not say where');
    if (this.#seen.has(marker)) throw this.#nonsense('with the same page again: the listing would never end');
    this.#seen.add(marker);
    return { KeyMarker: key, VersionIdMarker: version === '' ? undefined : version };
  }

  #version(
    { Key, Size, LastModified, ETag, StorageClass, VersionId, IsLatest }: S3.ObjectVersion,
    isDeletion: boolean,
  ): StoredVersion {
    if (!Key?.startsWith(this.#prefix)) throw this.#nonsense(`with the key ${JSON.stringify(Key)}`);
    if (Size === undefined || !Number.isSafeInteger(Size) || Size < 0 || !ETag)
      throw this.#nonsense(`in which a version of ${JSON.stringify(Key)} has no size or no ETag`);
    if (!LastModified || Number.isNaN(LastModified.getTime()))
      throw this.#nonsense(`in which a version of ${JSON.stringify(Key)} has no modification time`);
    const isLatest = IsLatest === true;
    // Objects stored while versioning was off have the version `null`; if it is the latest, it is read without naming a version.
    const hasVersion = VersionId !== undefined && !(VersionId === 'null' && isLatest);
    return {
      key: Key,
      sizeBytes: Size,
      modifiedAt: LastModified,
      etag: ETag,
      isDeletion,
      isLatest,
      ...(hasVersion ? { versionId: VersionId } : {}),
      ...(StorageClass === undefined || StorageClass === 'STANDARD' ? {} : { storageClass: StorageClass }),
    };
  }

  #nonsense(what: string): DrillError {
    return new DrillError('source-failed', `${this.#where} answers a request for versions ${what}`, {
      hint: 'This store, or a proxy in front of it, does not list versions as S3 does: check its version and its log.',
    });
  }
}

/** A page lists versions and deletions separately, with times in whole seconds. On a tie, the one marked latest is newer, then a version before a deletion. */
function byKeyAndNewest(a: StoredVersion, b: StoredVersion): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  const newest = b.modifiedAt.getTime() - a.modifiedAt.getTime();
  return newest || Number(b.isLatest) - Number(a.isLatest) || Number(a.isDeletion) - Number(b.isDeletion);
}

/**
 * If a version and a deletion fall in the same second and neither is the latest, their order is unknown. But a deletion needs something to delete: if there is
 * no earlier version, it deleted this one.
 */
function deletionsFirst(sorted: StoredVersion[]): StoredVersion[] {
  for (const [index, version] of sorted.entries()) {
    const [deletion, before] = sorted.slice(index + 1, index + 3);
    if (deletion?.key !== version.key || !deletion.isDeletion || version.isDeletion || version.isLatest) continue;
    if (deletion.modifiedAt.getTime() !== version.modifiedAt.getTime()) continue;
    if (before?.key === version.key && !before.isDeletion) continue;
    sorted.splice(index, 2, deletion, version);
  }
  return sorted;
}
