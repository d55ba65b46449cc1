import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import { isFreeze, rootOfFreeze } from './frozen-files.ts';

/** No file is written last: a copy that is still in progress looks like a whole one. */
const LAYOUT: DirectoryLayout = { mark: '/', folderOf: rootOfFreeze };

/** What ALTER TABLE … FREEZE leaves in `shadow/`, copied with the definitions of the tables. */
export const freeze: FormatDescriptor = {
  name: 'clickhouse-freeze',
  product: 'a FREEZE copy of ClickHouse',
  claims: isFreeze,
  layout: LAYOUT,
  load: async () => (await import('./freeze-format.ts')).freezeFormat,
};
