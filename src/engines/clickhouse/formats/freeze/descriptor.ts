import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import { isFreeze, rootOfFreeze } from './frozen-files.ts';

/** No file is written last: an unfinished copy looks like a complete one. */
const LAYOUT: DirectoryLayout = { mark: '/', folderOf: rootOfFreeze };

/** Files that ALTER TABLE … FREEZE leaves in `shadow/`, copied with the definitions of the tables. */
export const freeze: FormatDescriptor = {
  name: 'clickhouse-freeze',
  product: 'a FREEZE copy of ClickHouse',
  claims: isFreeze,
  layout: LAYOUT,
  load: async () => (await import('./freeze-format.ts')).freezeFormat,
};
