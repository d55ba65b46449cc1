import type { DumpParts } from '../../../sql-dump/dump-parts.ts';
import { postgresDumpParts } from '../../loading/dump-parts.ts';
import type { ListedTable } from '../../server/dump-names.ts';
import type { ArchiveToc } from './archive-toc.ts';

/**
 * The tables that an archive creates. Its table of contents lists neither an extension's tables nor temporary
 * ones.
 * @param failed entries in which something failed, which was already reported.
 */
export function tablesOfArchive({ entries }: ArchiveToc, failed: ReadonlySet<number>): readonly ListedTable[] {
  const encoding = entries.find(({ desc }) => desc === 'ENCODING')?.defn ?? '';
  const unread = /'(?:UTF8|SQL_ASCII)'/.test(encoding) ? UNREADABLE : NOT_ASCII;
  return entries
    .filter(({ desc, defn, dumpId }) => /^(?:FOREIGN )?TABLE$/.test(desc) && defn !== '' && !failed.has(dumpId))
    .map(({ namespace, tag }) => ({ schema: namespace || undefined, name: tag }))
    .filter(({ schema = '', name }) => !unread.test(schema + name));
}

/** Whether it has the tables' definitions, and whether it has their rows. */
export function partsOf({ entries }: ArchiveToc): DumpParts {
  const parts = postgresDumpParts();
  for (const { desc, section } of entries) {
    if (desc === 'TABLE') parts.note('createTable');
    else if (desc === 'TABLE DATA') parts.note('copy');
    else if (section === 'post-data') parts.note('build');
    else if (/(?:TABLE|VIEW)$/.test(desc)) parts.note('definition');
  }
  return parts;
}

/** Replaces bytes that are not UTF-8: such a name was lost when it was read. */
export const LOST = '\uFFFD';
const UNREADABLE = new RegExp(LOST);
const NOT_ASCII = /[\u0080-\uffff]/;
