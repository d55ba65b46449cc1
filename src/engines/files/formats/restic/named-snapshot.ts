import type { BackupContent } from '../../../../backup/content.ts';

/** A snapshot of a repository, identified by its file. */
export interface NamedSnapshot {
  readonly id: string;
  /** The repository, empty or with a trailing `/`. */
  readonly root: string;
}

/** @returns undefined unless the content is the file of a snapshot in a repository. */
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
