import type { ListedFile } from '../../../../../backup/content.ts';
import { REPOSITORY_PATH } from './request-rules.ts';

/** More than any directory that pgBackRest lists during a restore. */
const MAX_ENTRIES = 1000;

/**
 * The S3 ListObjectsV2 response for the files that a gateway serves.
 * @param prefix relative to the repository. @param isDeep whether files in directories are listed one by one.
 * @returns undefined for more entries than fit on one page.
 */
export function listFiles(
  files: ReadonlyMap<string, ListedFile>,
  { prefix, isDeep }: { readonly prefix: string; readonly isDeep: boolean },
): string | undefined {
  const root = `${REPOSITORY_PATH.slice(1)}/`;
  const entries = new Set<string>();
  for (const [name, { sizeBytes, modifiedAt = new Date(0) }] of files) {
    if (!name.startsWith(prefix)) continue;
    const end = isDeep ? -1 : name.indexOf('/', prefix.length);
    const key = `<Key>${escapeXml(root + name)}</Key>`;
    const stored = `<LastModified>${modifiedAt.toISOString()}</LastModified><Size>${sizeBytes}</Size>`;
    if (end < 0) entries.add(`<Contents>${key}${stored}</Contents>`);
    else entries.add(`<CommonPrefixes><Prefix>${escapeXml(root + name.slice(0, end + 1))}</Prefix></CommonPrefixes>`);
    if (entries.size > MAX_ENTRIES) return undefined;
  }
  const counted = `<KeyCount>${entries.size}</KeyCount><IsTruncated>false</IsTruncated>`;
  const content = `<Prefix>${escapeXml(root + prefix)}</Prefix>${counted}${[...entries].join('')}`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</ListBucketResult>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
