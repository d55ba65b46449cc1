import { DrillError } from '../../support/errors.ts';
import { toShell } from '../../support/shell.ts';

/** Asks where an unfinished copy comes from; no row: there is none. @param table `store_copy`, as the database writes it. */
export function unfinishedCopySql(table: string): string {
  return `select source from ${table} where ended_at is null`;
}

/**
 * A store that a copy is filling has holes: nothing but the copy may use it.
 * @param source where the unfinished copy comes from, as its table says; anything but a text: there is none.
 * Throws `store-incomplete`.
 */
export function requireWholeCopy(store: string, source: unknown): void {
  if (typeof source !== 'string') return;
  throw new DrillError('store-incomplete', `the store ${store} holds an unfinished copy of ${source}`, {
    hint: `Finish it with \`${toShell(['firedrill', 'store', 'copy', source, store])}\`, or delete it and copy again.`,
  });
}
