import type { Connection, ExecResult } from '../../../sandbox/sandbox.ts';
import type { Inventory, ProgramOptions, Server } from '../../engine.ts';
import { findInServerDirs } from '../../server/program-path.ts';
import type { SqlAccess } from '../../sql-access.ts';
import type { LocalProgram } from './local-program.ts';
import { sqlAccess } from './sql-access.ts';
import { type ListedTable, verifyInventory } from './verify-inventory.ts';

/** Restored tables, read by `clickhouse-local`. */
export class LocalClickHouse implements Server {
  readonly version: string;
  readonly connection: Connection;
  readonly sql: SqlAccess;
  private readonly program: LocalProgram;
  private listed: readonly ListedTable[] = [];

  constructor(program: LocalProgram, version: string) {
    this.program = program;
    this.version = version;
    this.connection = program.sandbox.connect(`${program.sandbox.paths.run}/none`);
    this.sql = sqlAccess(program);
  }

  /** What {@link verifyInventory} compares with. */
  expect(tables: readonly ListedTable[]): void {
    this.listed = tables;
  }

  verifyInventory(signal: AbortSignal): Promise<Inventory> {
    return verifyInventory(this.program, this.listed, signal);
  }

  async prepareClient(): Promise<readonly string[]> {
    return this.program.argv({ readonly: 1 });
  }

  /** Each process has ended, so everything is in files: nothing of it is kept in memory. */
  async seal(signal: AbortSignal): Promise<void> {
    await this.program.sandbox.exec(['sync'], { signal });
  }

  /** A program finds the tables by the variables CLICKHOUSE_PATH and CLICKHOUSE_CONFIG. */
  runProgram(argv: readonly string[], { signal, stdout }: ProgramOptions): Promise<ExecResult> {
    const { sandbox, path, configFile } = this.program;
    const env = { CLICKHOUSE_PATH: path, CLICKHOUSE_CONFIG: configFile };
    return sandbox.exec(findInServerDirs(sandbox, argv), { signal, env, ...(stdout ? { stdout } : {}) });
  }
}
