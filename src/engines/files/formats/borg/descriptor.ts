import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';

const SEGMENT = /^data\/\d+\/\d+$/;

/** Source of the layout: Borg's documentation, "Data structures and file formats", "Repository". */
const LAYOUT: DirectoryLayout = { mark: 'README', needs: SEGMENT };

/** A repository of BorgBackup 1. The archive to restore is chosen from Borg's own list once the repository is staged. */
export const borg: FormatDescriptor = {
  name: 'borg',
  product: 'a Borg repository',
  claims: (content) =>
    content.kind === 'directory' &&
    content.members.has('README') &&
    content.members.has('config') &&
    [...content.members.keys()].some((name) => SEGMENT.test(name)),
  layout: LAYOUT,
  load: async () => (await import('./borg-format.ts')).borgFormat,
};
