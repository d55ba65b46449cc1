import { ENGINE_DESCRIPTORS } from './registry.ts';

/**
 * How many components of a backup's path a drill has to include in `backup.match`, because other files that it needs are
 * stored next to them.
 * @param key the backup's, relative to its source. @returns 1 for a backup that needs nothing else.
 */
export function partsInRepository(key: string): number {
  const layouts = Object.values(ENGINE_DESCRIPTORS).flatMap(({ formats }) =>
    formats.flatMap(({ layout = [] }) => layout),
  );
  const roots = layouts.flatMap(({ rootOf }) => rootOf?.(key) ?? []);
  const [root = ''] = roots.sort((a, b) => a.length - b.length);
  return roots.length === 0 ? 1 : key.slice(root.length).replace(/\/$/, '').split('/').length;
}
