import type * as S3 from '@aws-sdk/client-s3';
import { DrillError } from '../../../support/errors.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { StoredObject } from '../../source.ts';

/** Limit on consecutive empty pages. A bucket full of delete markers may return some; more than this is an endless listing. */
const MAX_EMPTY_PAGES = 1000;

export type ListingPage = Pick<
  S3.ListObjectsV2CommandOutput,
  'Name' | 'KeyCount' | 'IsTruncated' | 'NextContinuationToken' | 'Contents' | 'CommonPrefixes'
>;

/** Reads a listing page by page and rejects malformed pages, because an incomplete listing would look like a missing backup. */
export class ListingReader {
  readonly #where: string;
  readonly #prefix: string;
  readonly #tokens = new Set<string>();
  #emptyPages = 0;
  /** Continuation token for the next page; undefined before the first and after the last page. */
  token: string | undefined;

  /** @param where the bucket and the store, for messages. @param prefix the prefix of every key. */
  constructor(where: string, prefix: string) {
    this.#where = where;
    this.#prefix = prefix;
  }

  /** @throws DrillError `source-failed` for a page that is not a listing, or that contradicts itself or an earlier one. */
  read(page: ListingPage): StoredObject[] {
    const { Contents = [], KeyCount, IsTruncated, NextContinuationToken } = page;
    const says = [page.Name, KeyCount, IsTruncated].some((value) => value !== undefined);
    if (!says && Contents.length === 0) {
      throw this.#nonsense(
        'a list request with something that is not a listing: no Name, KeyCount or IsTruncated',
        'A proxy or a login page may be answering instead of the store, or `endpoint` is not its S3 API: check with `curl -v`.',
      );
    }
    if (KeyCount !== undefined && KeyCount > 0 && Contents.length === 0 && !page.CommonPrefixes?.length)
      throw this.#nonsense(`a listing of ${formatCount(KeyCount)} keys without any key in it`);
    this.#emptyPages = Contents.length === 0 ? this.#emptyPages + 1 : 0;
    if (this.#emptyPages > MAX_EMPTY_PAGES)
      throw this.#nonsense(
        `${formatCount(this.#emptyPages)} pages of a listing without any key, and says that more follow`,
      );
    this.token = this.#nextToken(IsTruncated, NextContinuationToken);
    return Contents.map((entry) => this.#object(entry));
  }

  #nextToken(isTruncated: boolean | undefined, token: string | undefined): string | undefined {
    if (!isTruncated) return undefined;
    if (!token) throw this.#nonsense('a listing that says more keys follow, and gives no continuation token');
    if (this.#tokens.has(token))
      throw this.#nonsense('a listing with the same continuation token again: it would never end');
    this.#tokens.add(token);
    return token;
  }

  #object({ Key, Size, LastModified, ETag, StorageClass }: S3._Object): StoredObject {
    if (!Key) throw this.#nonsense('a listing with an entry without a key');
    const of = `a listing in which ${JSON.stringify(Key)}`;
    if (!Key.startsWith(this.#prefix))
      throw this.#nonsense(`${of} does not begin with the prefix that was asked for, ${JSON.stringify(this.#prefix)}`);
    if (Size === undefined || !Number.isSafeInteger(Size) || Size < 0)
      throw this.#nonsense(`${of} has ${Size === undefined ? 'no size' : `a size of ${Size}`}`);
    if (!LastModified || Number.isNaN(LastModified.getTime())) throw this.#nonsense(`${of} has no modification time`);
    if (!ETag) throw this.#nonsense(`${of} has no ETag`);
    return {
      key: Key,
      sizeBytes: Size,
      modifiedAt: LastModified,
      etag: ETag,
      ...(StorageClass === undefined || StorageClass === 'STANDARD' ? {} : { storageClass: StorageClass }),
    };
  }

  #nonsense(
    what: string,
    hint = 'This store, or a proxy in front of it, does not answer as S3 does: check its version and its log.',
  ): DrillError {
    return new DrillError('source-failed', `${this.#where} answers ${what}`, { hint });
  }
}
