import type { FormatDescriptor } from '../../../format.ts';
import { isPgDumpFile, isPgDumpTar } from './pg-dump-file.ts';

/** Everything that pg_restore reads: pg_dump's custom archives, directories and tars. */
export const archive: FormatDescriptor = {
  name: 'pg-dump-archive',
  product: 'a PostgreSQL dump',
  claims: (content) => (content.kind === 'directory' ? content.members.has('toc.dat') : isPgDumpFile(content.head)),
  ownsTar: isPgDumpTar,
  layout: {
    mark: 'toc.dat',
    begun: /^(?:\d+|blob_\d+)\.dat(?:\.(?:gz|lz4|zst))?$/,
    member: /^(?:(?:\d+|blob_\d+)\.dat(?:\.(?:gz|lz4|zst))?|blobs(?:_\d+)?\.toc)$/,
  },
  load: async () => (await import('./archive-format.ts')).archiveFormat,
};
