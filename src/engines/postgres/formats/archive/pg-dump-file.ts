import { isTarHeader } from '../../../../support/tar-header.ts';
import { namesInTar } from '../../../recognition/tar-names.ts';

/** Member names in a pg_dump directory, and therefore in its tars. Source: PostgreSQL's pg_backup_directory.c and pg_backup_tar.c. */
const MEMBER = /^(?:[^/]+\/)?(?:toc\.dat|restore\.sql|blobs(?:_\d+)?\.toc|(?:\d+|blob_\d+)\.dat(?:\.(?:gz|lz4|zst))?)$/;

/** Whether a file can only be pg_dump's: a custom archive, or a tar with no other members. */
export function isPgDumpFile(head: Buffer): boolean {
  if (head.toString('latin1', 0, 5) === 'PGDMP') return true;
  if (!isTarHeader(head)) return false;
  const names = namesInTar(head);
  return names.length > 0 && names.every((name) => MEMBER.test(name));
}

/** Whether a tar is a packed pg_dump directory, or one that lost its table of contents. @param names of its first files. */
export function isPgDumpTar(names: readonly string[]): boolean {
  return names.some((name) =>
    /(?:^|\/)(?:toc\.dat|blobs(?:_\d+)?\.toc|(?:\d+|blob_\d+)\.dat(?:\.(?:gz|lz4|zst))?)$/.test(name),
  );
}
