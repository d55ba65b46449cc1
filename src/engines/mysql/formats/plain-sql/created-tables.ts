import type { ListedTable } from '../../server/mysql-server.ts';
import { SYSTEM_DATABASES } from '../../server/system-databases.ts';
import type { StatementKind, TableName } from '../../sql/statement-kind.ts';

/**
 * Tracks the tables that a dump has created and not removed again: they must exist at the end. After a statement that may remove tables without naming them (a
 * procedure, a rename), all earlier expectations are dropped.
 */
export class CreatedTables {
  /** By lower-case name: some servers ignore case. */
  private readonly databases = new Map<string, Map<string, ListedTable>>();

  /** Records a statement that the server executed. @param database the current one. */
  note(kind: StatementKind, text: string, database = ''): void {
    if (kind.kind === 'createTable') this.create(placed(kind.table, database), text);
    else if (kind.kind === 'dropTable') this.drop(placed(kind.table, database), text);
    else if (kind.kind === 'dropDatabase') this.databases.delete(kind.database.toLowerCase());
    else if (kind.kind === 'createDatabase' && REPLACES.test(text)) this.databases.delete(kind.database.toLowerCase());
    else if (kind.kind === 'ordinary' && !KEEPS_TABLES.test(text)) this.databases.clear();
    else if (kind.kind === 'definition' && RENAMES.test(text)) this.databases.clear();
  }

  /** The tables that must exist. */
  list(): readonly ListedTable[] {
    return [...this.databases.values()].flatMap((tables) => [...tables.values()]);
  }

  private create(created: ListedTable, text: string): void {
    const database = created.database.toLowerCase();
    if (database === '' || SYSTEM_DATABASES.has(database) || !CREATES.test(text)) return;
    if (!ASCII.test(created.database + created.table)) return; // the name depends on the character set of the session
    const tables = this.databases.get(database) ?? new Map<string, ListedTable>();
    this.databases.set(database, tables.set(created.table.toLowerCase(), created));
  }

  /** Of a list of tables, which may be in other databases, only the first is known. */
  private drop({ database, table }: ListedTable, text: string): void {
    if (text.includes(',')) this.databases.clear();
    else this.databases.get(database.toLowerCase())?.delete(table.toLowerCase());
  }
}

function placed({ database, table }: TableName, current: string): ListedTable {
  return { database: database ?? current, table };
}

const ASCII = /^[ -~]*$/;
/** Excludes temporary tables, and comments, which some servers run and others do not. */
const CREATES = /^\s*CREATE\s+(?:OR\s+REPLACE\s+)?TABLE\b/i;
const REPLACES = /\bOR\s+REPLACE\b/i;
const RENAMES = /\bRENAME\b/i;
const KEEPS_TABLES =
  /^\s*(?:\/\*M?!?\d*\s*)?(?:SELECT|UPDATE|DELETE|ANALYZE|CHECK|OPTIMIZE|REPAIR|FLUSH|SHOW|WITH|DO|VALUES)\b/i;
