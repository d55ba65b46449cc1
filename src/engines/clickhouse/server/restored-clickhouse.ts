import type { Connection, ExecResult } from '../../../sandbox/sandbox.ts';
import type { Inventory, ProgramOptions, Server } from '../../engine.ts';
import { findInServerDirs } from '../../server/program-path.ts';
import type { SqlAccess } from '../../sql-access.ts';
import type { ClickHouseProgram } from './program.ts';
import { sqlAccess } from './sql-access.ts';
import { type ListedTable, verifyInventory } from './verify-inventory.ts';

/** Restored tables, and the program that reads them. */
export class RestoredClickHouse implements Server {
  readonly version: string;
  readonly connection: Connection;
  readonly sql: SqlAccess;
  private readonly program: ClickHouseProgram;
  private listed: readonly ListedTable[] = [];

  constructor(program: ClickHouseProgram) {
    this.program = program;
    this.version = program.version;
    this.connection = program.sandbox.connect(`${program.sandbox.paths.run}/none`);
    this.sql = sqlAccess(program);
  }

  /** Sets the tables that {@link verifyInventory} compares with. */
  expect(tables: readonly ListedTable[]): void {
    this.listed = tables;
  }

  verifyInventory(signal: AbortSignal): Promise<Inventory> {
    return verifyInventory(this.program, this.listed, signal);
  }

  async prepareClient(): Promise<readonly string[]> {
    return this.program.argv({ readonly: 1 });
  }

  /** Parts are written completely and then renamed, so restored data is in files and none of it only in memory. */
  async seal(signal: AbortSignal): Promise<void> {
    await this.program.sandbox.exec(['sync'], { signal });
  }

  runProgram(argv: readonly string[], { signal, stdout }: ProgramOptions): Promise<ExecResult> {
    const { sandbox, env } = this.program;
    return sandbox.exec(findInServerDirs(sandbox, argv), { signal, env, ...(stdout ? { stdout } : {}) });
  }
}
