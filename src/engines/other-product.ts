import { DrillError } from '../support/errors.ts';
import { isTarHeader, namesInTar } from './tar-names.ts';

const OF_POSTGRES = 'a PostgreSQL dump';
const OF_MYSQL = 'a MySQL or MariaDB dump';

const POSTGRES_SQL = /^-- (?:PostgreSQL database (?:cluster )?dump|Adminer(?:Evo)? \S+ PostgreSQL .* dump)\r?$/m;
/** How dumps of their tools and of others begin, and names in backticks, which no other product accepts. */
const MYSQL_SQL =
  /^(?:\/\*M?!\d|-- (?:MySQL|MariaDB) dump|-- Adminer(?:Evo)? \S+ (?:MySQL|MariaDB) | Source Server Type {4}: (?:MySQL|MariaDB)|(?:CREATE|DROP) TABLE (?:IF (?:NOT )?EXISTS )?`|INSERT (?:IGNORE )?INTO `)/m;
/** Member names in a pg_dump directory, and so in its tars. Source: PostgreSQL's pg_backup_directory.c and pg_backup_tar.c. */
const POSTGRES_MEMBER =
  /^(?:[^/]+\/)?(?:toc\.dat|restore\.sql|blobs(?:_\d+)?\.toc|(?:\d+|blob_\d+)\.dat(?:\.(?:gz|lz4|zst))?)$/;

/** @returns the product that the beginning of a file belongs to, with its article, when it is not this engine's. */
export function otherProduct(head: Buffer, engine: string): string | undefined {
  const text = textOf(head);
  if (isPostgresArchive(head) || isPostgresText(text)) return engine === 'postgres' ? undefined : OF_POSTGRES;
  return engine === 'postgres' && isMysqlText(text) ? OF_MYSQL : undefined;
}

/** @param members names below the directory. @returns the error, when another product's tool wrote it. */
export function foreignDirectory(key: string, members: Iterable<string>, engine: string): DrillError | undefined {
  const names = new Set(members);
  const isPostgres = names.has('toc.dat');
  const isMydumper =
    names.has('metadata') && [...names].some((name) => /-schema(?:-create)?\.sql(?:\.\w+)?$/.test(name));
  if (engine !== 'postgres' && isPostgres) return mismatch(key, OF_POSTGRES, engine);
  return engine === 'postgres' && isMydumper && !isPostgres ? mismatch(key, OF_MYSQL, engine) : undefined;
}

/** @param other the product that the backup belongs to, with its article. */
export function mismatch(key: string, other: string, engine: string): DrillError {
  return new DrillError('engine-mismatch', `${key} is ${other}, and the drill restores ${engine}`, {
    hint: 'Set `engine.type` to the product of the backup, or let `backup.match` select the backups of this database.',
  });
}

/** @param text the beginning of SQL that is not Postgres'. */
export function isMysqlText(text: string): boolean {
  return MYSQL_SQL.test(text.slice(0, 4000));
}

export function isPostgresText(text: string): boolean {
  return POSTGRES_SQL.test(text);
}

export function isPostgresArchive(head: Buffer): boolean {
  if (head.toString('latin1', 0, 5) === 'PGDMP') return true;
  if (!isTarHeader(head)) return false;
  const names = namesInTar(head);
  return names.length > 0 && names.every((name) => POSTGRES_MEMBER.test(name));
}

/** The start of a text; empty for content that is not text, so that a dump inside an archive is not mistaken for one. */
export function textOf(head: Buffer): string {
  return isBinary(head) ? '' : head.toString('latin1', 0, 65_536);
}

/** SQL text begins without a zero byte, whatever its rows contain; archive headers contain some. */
export function isBinary(head: Buffer): boolean {
  return head.subarray(0, 512).includes(0);
}
