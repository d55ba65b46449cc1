import { formatCount } from '../../support/quantities.ts';
import type { LoadErrors } from './load-errors.ts';

/**
 * Which of the two a dump has: the definitions of tables, and their rows. Dump tools can be told to omit either, and the rest loads with errors or without any
 * rows.
 */
export class DumpParts {
  private readonly rowsOnly: string;
  private readonly tablesOnly: string;
  private tables = 0;
  private hasRows = false;

  /** @param rowsOnly the command that omits definitions: `pg_dump --data-only`. @param tablesOnly the command that omits rows. */
  constructor(rowsOnly: string, tablesOnly: string) {
    this.rowsOnly = rowsOnly;
    this.tablesOnly = tablesOnly;
  }

  /** @param kind of a statement. */
  note(kind: string): void {
    if (kind === 'createTable') this.tables += 1;
    else if (kind === 'insert' || kind === 'copy' || kind === 'loadData') this.hasRows = true;
  }

  /** Call at the end of the dump. A dump with neither, such as one of roles, lacks nothing. */
  warnOfMissing(errors: LoadErrors): void {
    const { tables, hasRows, rowsOnly, tablesOnly } = this;
    if (hasRows && tables === 0) {
      errors.warn(
        `the dump has rows and creates no table, as \`${rowsOnly}\` writes it: a recovery needs the tables, too`,
      );
    } else if (!hasRows && tables > 0) {
      const created = tables === 1 ? '1 table' : `${formatCount(tables)} tables`;
      errors.warn(
        `the dump creates ${created} and has no row, as \`${tablesOnly}\` writes it: a recovery needs the rows, too`,
      );
    }
  }
}
