import { formatCount } from '../../support/quantities.ts';
import type { LoadErrors } from './load-errors.ts';

/** Commands that omit parts of a dump, for messages. */
export interface PartialDumps {
  /** Omits definitions: `pg_dump --data-only`. */
  readonly rowsOnly: string;
  /** Omits rows. */
  readonly tablesOnly: string;
  /** Omits tables and rows, but not keys and indexes; undefined: no tool does. */
  readonly keysOnly?: string;
}

/**
 * What a dump has: the definitions of tables, their rows, their keys and indexes. Dump tools can be told to omit some of it, and the rest loads with errors or
 * without any rows.
 */
export class DumpParts {
  private readonly commands: PartialDumps;
  private tables = 0;
  private hasRows = false;
  private hasKeys = false;
  private hasOtherDefinitions = false;

  constructor(commands: PartialDumps) {
    this.commands = commands;
  }

  /** @param kind of a statement; `definition`: creates something other than a table that keys and indexes may be on. */
  note(kind: string): void {
    if (kind === 'createTable') this.tables += 1;
    else if (kind === 'build') this.hasKeys = true;
    else if (kind === 'definition') this.hasOtherDefinitions = true;
    else if (kind === 'insert' || kind === 'copy' || kind === 'loadData') this.hasRows = true;
  }

  /** Call at the end of the dump. A dump with neither, such as one of roles, lacks nothing. */
  warnOfMissing(errors: LoadErrors): void {
    const { tables, hasRows, hasKeys, hasOtherDefinitions } = this;
    const { rowsOnly, tablesOnly, keysOnly } = this.commands;
    if (hasRows && tables === 0) {
      errors.warn(
        `the dump has rows and creates no table, as \`${rowsOnly}\` writes it: a recovery needs the tables, too`,
      );
    } else if (!hasRows && tables > 0) {
      const created = tables === 1 ? '1 table' : `${formatCount(tables)} tables`;
      errors.warn(
        `the dump creates ${created} and has no row, as \`${tablesOnly}\` writes it: a recovery needs the rows, too`,
      );
    } else if (keysOnly !== undefined && hasKeys && !hasRows && !hasOtherDefinitions) {
      errors.warn(
        `the dump has keys or indexes, and neither tables nor rows, as \`${keysOnly}\` writes it: a recovery needs those, too`,
      );
    }
  }
}
