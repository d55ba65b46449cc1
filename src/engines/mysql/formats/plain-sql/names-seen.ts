import { findOtherCase, type OtherCase } from '../../loading/letter-case.ts';
import type { StatementKind, TableName } from '../../sql/statement-kind.ts';

/**
 * Tracks the tables that the beginning of a dump creates, and those that it uses without having created them. A case-sensitive server creates a table before
 * its rows and triggers, so a name that occurs only in a different case comes from a server that ignores case.
 */
export class NamesSeen {
  private database = '';
  private readonly tables = new Set<string>();
  private readonly missing = new Set<string>();

  note(kind: StatementKind): void {
    if (kind.kind === 'use') this.database = kind.database;
    if (kind.kind === 'createTable') this.tables.add(this.qualified(kind.table));
    if (kind.kind === 'view') this.tables.add(this.qualified(kind.view));
    if (kind.kind === 'trigger' || kind.kind === 'insert' || kind.kind === 'keys') this.use(kind.table);
  }

  get otherCase(): OtherCase | undefined {
    return findOtherCase({ tables: [...this.tables], routines: [] }, [...this.missing]);
  }

  private use(table: TableName): void {
    const name = this.qualified(table);
    if (!this.tables.has(name)) this.missing.add(name);
  }

  private qualified({ database = this.database, table }: TableName): string {
    return `${database}.${table}`;
  }
}
