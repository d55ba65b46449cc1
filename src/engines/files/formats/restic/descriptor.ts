import type { BackupContent } from '../../../../backup/content.ts';
import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';

const NONE = /(?!)/;

/** Source of the layout: restic's doc/design.rst, "Repository Layout". */
const LAYOUT: DirectoryLayout = {
  mark: 'config',
  needs: /^keys\/[0-9a-f]{64}$/,
  begun: NONE,
  member: NONE,
  entries: { folder: 'snapshots/', name: /^snapshots\/[0-9a-f]{64}$/ },
};

/**
 * A restic repository. Where a drill names the repository, the snapshot is chosen from restic's own list, once it is staged; where it names the files of
 * snapshots, it is chosen from the listing like any backup.
 */
export const restic: FormatDescriptor = {
  name: 'restic',
  product: 'a restic repository',
  claims: (content) => snapshotIn(content) !== undefined || isRepository(content),
  layout: LAYOUT,
  load: async () => (await import('./restic-format.ts')).resticFormat,
};

/** One snapshot of a repository, as its file names it. */
export interface NamedSnapshot {
  readonly id: string;
  /** The repository, empty or with a closing `/`. */
  readonly root: string;
}

/** @returns undefined for anything but the file of a snapshot in a repository. */
export function snapshotIn(content: BackupContent): NamedSnapshot | undefined {
  if (content.kind !== 'object') return undefined;
  const { key } = content.backup;
  const [found, id = ''] = /(?:^|(?<=\/))snapshots\/([0-9a-f]{64})$/.exec(key) ?? [];
  if (found === undefined) return undefined;
  const root = key.slice(0, -found.length);
  return content.inSource?.files.some((file) => file.key === `${root}config`) ? { id, root } : undefined;
}

export function isRepository(content: BackupContent): boolean {
  return (
    content.kind === 'directory' &&
    content.members.has('config') &&
    [...content.members.keys()].some((name) => /^keys\/[0-9a-f]{64}$/.test(name))
  );
}
