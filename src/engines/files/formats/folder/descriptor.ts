import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';

/** Any folder that a drill's `match` names with a closing slash. */
const LAYOUT: DirectoryLayout = { mark: '/', anyFolder: true };

/** A folder of plain files, one object each. Tried last. */
export const folder: FormatDescriptor = {
  name: 'files-folder',
  product: 'a folder of files',
  claims: () => false,
  layout: LAYOUT,
  load: async () => (await import('./folder-format.ts')).folderFormat,
};
