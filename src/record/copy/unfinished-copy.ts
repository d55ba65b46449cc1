import { DrillError } from '../../support/errors.ts';
import { toShell } from '../../support/shell.ts';

/** Queries the source of an unfinished copy; no row: there is none. @param table `store_copy`, as the database spells it. */
export function unfinishedCopySql(table: string): string {
  return `select source from ${table} where ended_at is null`;
}

/**
 * A store that is being filled by a copy has gaps: only the copy may use it.
 * @param source of the unfinished copy, from its table; anything but a string: there is none.
 * Throws `store-incomplete`.
 */
export function requireWholeCopy(store: string, source: unknown): void {
  if (typeof source !== 'string') return;
  throw new DrillError('store-incomplete', `the store ${store} holds an unfinished copy of ${source}`, {
    hint: `Finish it with \`${toShell(['firedrill', 'store', 'copy', source, store])}\`, or delete it and copy again.`,
  });
}
