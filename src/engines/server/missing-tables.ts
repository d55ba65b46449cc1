import { DrillError } from '../../support/errors.ts';
import { toPrintable } from '../../support/printable.ts';
import { formatCount } from '../../support/quantities.ts';

/** Maximum number of missing tables listed by name. */
const MAX_NAMED = 20;

/**
 * @param listed how many tables the dump creates. @param missing names of the missing ones: at least one.
 * @param by the tool that restores such a dump by hand: `psql or pg_restore`.
 * @returns `wrong-data`.
 */
export function missingTables(listed: number, missing: readonly string[], by: string): DrillError {
  const names = missing.slice(0, MAX_NAMED).map((name) => toPrintable(name, 200));
  const [first = ''] = names;
  const more = missing.length === 1 ? '' : ` (and ${formatCount(missing.length - 1)} more)`;
  return new DrillError(
    'wrong-data',
    `of ${formatCount(listed)} tables that the dump creates, ${formatCount(missing.length)} are not in the restored copy: ${first}${more}`,
    {
      details: names,
      hint: `Restore the dump by hand with ${by}: if the table is missing there, too, the dump itself drops it. Otherwise, report this as a bug.`,
    },
  );
}
