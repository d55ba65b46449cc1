import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import { isRepository, snapshotIn } from './named-snapshot.ts';

/** Source of the layout: restic's doc/design.rst, "Repository Layout". */
const LAYOUT: DirectoryLayout = {
  mark: 'config',
  needs: /^keys\/[0-9a-f]{64}$/,
  entries: { folder: 'snapshots/', name: /^snapshots\/[0-9a-f]{64}$/ },
};

/**
 * A restic repository. If a drill names the repository, the snapshot is chosen from restic's own list once it is staged; if it names the files of snapshots, it
 * is chosen from the listing like any backup.
 */
export const restic: FormatDescriptor = {
  name: 'restic',
  product: 'a restic repository',
  claims: (content) => snapshotIn(content) !== undefined || isRepository(content),
  layout: LAYOUT,
  load: async () => (await import('./restic-format.ts')).resticFormat,
};
