import { ENGINE_DESCRIPTORS } from './registry.ts';

/**
 * How many parts of a backup's path a drill has to name in `backup.match`, because what it needs is stored beside them, too.
 * @param key of the backup, below its source. @returns 1 for a backup that needs nothing else.
 */
export function partsInRepository(key: string): number {
  const layouts = Object.values(ENGINE_DESCRIPTORS).flatMap(({ formats }) =>
    formats.flatMap(({ layout = [] }) => layout),
  );
  const roots = layouts.flatMap(({ rootOf }) => rootOf?.(key) ?? []);
  const [root = ''] = roots.sort((a, b) => a.length - b.length);
  return roots.length === 0 ? 1 : key.slice(root.length).replace(/\/$/, '').split('/').length;
}
