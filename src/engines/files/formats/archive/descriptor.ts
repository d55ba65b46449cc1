import type { FormatDescriptor } from '../../../format.ts';

/** A tar or zip archive that forms the whole backup, compressed and encrypted or not. */
export const archive: FormatDescriptor = {
  name: 'files-archive',
  product: 'an archive of files',
  claims: () => false, // what else may be in a tar, others know better
  load: async () => (await import('./archive-format.ts')).archiveFormat,
};
