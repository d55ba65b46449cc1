import type { BackupContent } from '../../../../backup/content.ts';

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
