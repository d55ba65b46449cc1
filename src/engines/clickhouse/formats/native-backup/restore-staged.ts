import type { ClickHouseProgram } from '../../server/program.ts';
import { ClickHouseError, NEEDS_KEEPER, restoreError } from '../../server/server-errors.ts';
import { quoteText } from '../../sql/quoting.ts';
import { tableId } from '../../table-id.ts';
import { createDatabases } from '../parts/create-databases.ts';
import { createTables, nameOf } from '../parts/create-tables.ts';
import { readDefinition } from '../parts/definition.ts';
import type { PartedTable } from '../parts/parted-table.ts';
import type { Manifest } from './read-manifest.ts';
import { COUNT_SCHEDULES, refreshViews } from './refresh-views.ts';

/** A backup in the sandbox. */
export interface Staged {
  readonly path: string;
  readonly manifest: Manifest;
  /** @returns the beginning of one of its files; undefined: it has none of this name. */
  readText(name: string): Promise<string | undefined>;
}

interface Context {
  readonly key: string;
  readonly signal: AbortSignal;
}

/**
 * Restores all of it. Replicated tables, which need ClickHouse Keeper, are made as tables of one server beforehand: RESTORE then puts their parts into these.
 * @returns warnings. @throws DrillError as {@link restoreError} maps it.
 */
export async function restoreStaged(
  program: ClickHouseProgram,
  staged: Staged,
  context: Context,
): Promise<readonly string[]> {
  const restore = async (settings = '') => {
    const sql = `RESTORE ALL FROM File(${quoteText(staged.path)})${settings};\n${COUNT_SCHEDULES}`;
    const said = await program.ask(sql, { signal: context.signal });
    return said.trim().endsWith('\n0') ? [] : refreshViews(program, context.signal);
  };
  try {
    return await restore();
  } catch (error) {
    if (!(error instanceof ClickHouseError) || !NEEDS_KEEPER.includes(error.code ?? 0)) {
      throw restoreError(error, context.key);
    }
  }
  const warnings = await createUnreplicated(program, staged, context);
  try {
    return [
      ...warnings,
      ...(await restore(' SETTINGS allow_different_table_def = 1, allow_different_database_def = 1')),
    ];
  } catch (error) {
    throw restoreError(error, context.key);
  }
}

/** Of a database that is replicated itself, too: it is made as any other. */
async function createUnreplicated(
  program: ClickHouseProgram,
  { manifest, readText }: Staged,
  { key, signal }: Context,
): Promise<readonly string[]> {
  const hasData = new Set(manifest.tables.flatMap((one) => (one.hasData ? [tableId(one)] : [])));
  const replicated: PartedTable[] = [];
  for (const [name, { database, table }] of manifest.definitions) {
    const definition = readDefinition((await readText(name)) ?? '', database, table);
    if (!definition?.wasReplicated) continue;
    const parts = hasData.has(tableId({ database, table })) ? [{ name, files: new Map<string, string>() }] : [];
    replicated.push({ database, table, definition, parts });
  }
  await createDatabases(program, manifest.databases, { key, signal });
  const { created, warnings } = await createTables(program, replicated, { key, signal });
  return [
    ...created.map((table) => `${nameOf(table)} was restored ${table.definition.changes.join(', ')}`),
    ...warnings,
  ];
}
