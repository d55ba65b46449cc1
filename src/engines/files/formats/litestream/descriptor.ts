import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import { MEMBER } from './replica-names.ts';

/** Source of the layout: Litestream 0.3's internal/path.go and "How it works". */
const LAYOUT: DirectoryLayout = {
  mark: '/',
  folderOf: (key) => {
    const found = MEMBER.exec(key);
    return found ? key.slice(0, found.index) : undefined;
  },
};

/** A Litestream replica of one SQLite database: snapshots, and the write-ahead log after them. */
export const litestream: FormatDescriptor = {
  name: 'litestream',
  product: 'a Litestream replica',
  claims: (content) => content.kind === 'directory' && [...content.members.keys()].some((name) => MEMBER.test(name)),
  layout: LAYOUT,
  load: async () => (await import('./litestream-format.ts')).litestreamFormat,
};
