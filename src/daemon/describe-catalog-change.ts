import type { CatalogChange } from './drill-catalog.ts';

/** Log lines for a change of the drill files. */
export function describeCatalogChange(
  change: CatalogChange | undefined,
): readonly { readonly level: 'info' | 'error'; readonly text: string }[] {
  if (!change) return [];
  const info = (what: string, names: readonly string[]) =>
    names.length === 0 ? [] : [{ level: 'info', text: `${what}: ${names.join(', ')}` } as const];
  return [
    ...info(`loaded ${change.added.length === 1 ? '1 drill' : `${change.added.length} drills`}`, change.added),
    ...info('drills changed', change.changed),
    ...info('drills removed', change.removed),
    ...info('drill files fixed', change.fixed),
    ...change.broken.map(({ problem, problemCount, keeps }) => {
      const more = problemCount > 1 ? ` (and ${problemCount - 1} more)` : '';
      const instead =
        keeps === undefined
          ? 'no drill is loaded from it until it is fixed'
          : `${keeps} keeps its last good configuration`;
      return { level: 'error', text: `${problem}${more}; ${instead}` } as const;
    }),
  ];
}
