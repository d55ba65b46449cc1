import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import type { ClickHouseProgram } from '../../server/program.ts';
import { ClickHouseError, restoreError } from '../../server/server-errors.ts';
import { ALLOWED } from './allowed-settings.ts';
import { createDatabases } from './create-databases.ts';
import { innerOf } from './inner-tables.ts';
import type { PartedTable } from './parted-table.ts';

const AT_ONCE = 50;

export interface CreatedTables {
  readonly created: readonly PartedTable[];
  /** Objects without rows that could not be created: views of objects that are not in the backup, tables of other servers. A line each. */
  readonly warnings: readonly string[];
}

interface CreateContext {
  readonly key: string;
  readonly signal: AbortSignal;
  /** Settings in addition to {@link ALLOWED}. */
  readonly settings?: Readonly<Record<string, number>>;
}

/**
 * Creates databases, then tables: first those with rows of their own, then the others, repeatedly while that makes progress, because they read each other.
 * @throws DrillError as {@link restoreError} maps it, for a table whose rows are in the backup.
 */
export async function createTables(
  program: ClickHouseProgram,
  tables: readonly PartedTable[],
  { key, signal, settings }: CreateContext,
): Promise<CreatedTables> {
  await createDatabases(
    program,
    tables.map(({ database }) => database),
    { key, signal },
  );
  const own = tables.filter(({ inner }) => !inner);
  const isFirst = ({ definition, parts }: PartedTable) => definition.kind === 'table' && parts.length > 0;
  let waiting = own.toSorted((a, b) => Number(isFirst(b)) - Number(isFirst(a)) || rank(a) - rank(b));
  let failures = new Map<PartedTable, ClickHouseError>();
  for (let before = waiting.length + 1; waiting.length > 0 && waiting.length < before; ) {
    before = waiting.length;
    failures = new Map();
    for (let at = 0; at < waiting.length; at += AT_ONCE) await create(waiting.slice(at, at + AT_ONCE));
    waiting = [...failures.keys()];
  }
  for (const [table, error] of failures)
    if (table.parts.length > 0 || innerOf(table, tables)) throw restoreError(error, key, `creating ${nameOf(table)}`);
  return {
    created: tables.filter((table) => !failures.has(table)),
    warnings: [...failures].map(([table, { message }]) =>
      toPrintable(`${nameOf(table)} was not created: ${message}`, 300),
    ),
  };

  /** Uses one process; if one fails, creates each missing table in a process of its own. */
  async function create(batch: readonly PartedTable[]): Promise<void> {
    try {
      await program.ask(batch.map(({ definition, uuid }) => `${definition.create(uuid)}\n;`).join('\n'), {
        signal,
        options: { ...ALLOWED, ...settings },
      });
    } catch (error) {
      if (!(error instanceof ClickHouseError)) throw error;
      const [table, ...others] = batch;
      if (!table) throw new DrillError('internal', 'no table was to be created', { cause: error });
      if (others.length === 0) {
        if (error.code !== ALREADY_EXISTS) failures.set(table, error);
        return;
      }
      for (const one of batch) await create([one]);
    }
  }
}

const ALREADY_EXISTS = 57;

/** @returns a line for each that could not be created: a table that uses it reports its own error. */
export async function createFunctions(
  program: ClickHouseProgram,
  functions: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const sql of functions) {
    try {
      await program.ask(sql, { signal });
    } catch (error) {
      if (!(error instanceof ClickHouseError)) throw error;
      warnings.push(toPrintable(`a function was not created: ${error.message}`, 300));
    }
  }
  return warnings;
}

function rank({ definition: { kind } }: PartedTable): number {
  return kind === 'table' ? 0 : kind === 'dictionary' ? 1 : 2;
}

export function nameOf({ database, table }: Pick<PartedTable, 'database' | 'table'>): string {
  return toPrintable(`${database}.${table}`, 120);
}
