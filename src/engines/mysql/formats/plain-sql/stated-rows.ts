import { toPrintable } from '../../../../support/printable.ts';
import { formatCount } from '../../../../support/quantities.ts';
import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import { requireRows } from '../../loading/count-rows.ts';
import type { Session } from '../../server/connect.ts';
import { quoteName } from '../../server/quoting.ts';

/** The comment that mysqldump-php writes after a table's rows. Source: Mysqldump.php, `listValues`, since 2.8. */
const STATED = /^-- Dumped table `((?:[^`]|``)+)` with (\d{1,15}) row\(s\)/;

interface Stated {
  readonly database: string | undefined;
  readonly table: string;
  readonly rows: number;
  readonly line: number;
}

/** How many rows a plain dump claims to hold, table by table. */
export class StatedRows {
  /** By database and table: if a file contains two dumps of a table, the later one replaces the earlier. */
  private readonly stated = new Map<string, Stated>();

  /** @param database the current one; undefined: the one that the drill restores into. */
  note(comment: string, database: string | undefined, line: number): void {
    const [, name, rows] = STATED.exec(comment) ?? [];
    if (name === undefined || rows === undefined) return;
    const table = name.replaceAll('``', '`');
    this.stated.set(JSON.stringify([database, table]), { database, table, rows: Number(rows), line });
  }

  /** Called after all rows are loaded. */
  async check(session: Pick<Session, 'ask'>, errors: LoadErrors): Promise<void> {
    for (const { database, table, rows, line } of this.stated.values()) {
      const name = [database, table].flatMap((part) => (part === undefined ? [] : [quoteName(part)])).join('.');
      const shown = `line ${formatCount(line)}: ${toPrintable(table)}`;
      await requireRows(session, errors, { name, shown, source: 'the dump', rows });
    }
  }
}
