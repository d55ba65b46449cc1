import type { FormatDescriptor } from '../../../format.ts';
import { isPgDumpFile } from './pg-dump-file.ts';

/** What pg_restore reads: pg_dump's custom archives, directories and tars. */
export const archive: FormatDescriptor = {
  name: 'pg-dump-archive',
  product: 'a PostgreSQL dump',
  claims: (content) => (content.kind === 'directory' ? content.members.has('toc.dat') : isPgDumpFile(content.head)),
  load: async () => (await import('./archive-format.ts')).archiveFormat,
};
