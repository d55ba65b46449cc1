import type { ClickHouseProgram } from '../../server/program.ts';
import { ClickHouseError, NEEDS_KEEPER, restoreError } from '../../server/server-errors.ts';
import { quoteText } from '../../sql/quoting.ts';
import { tableId } from '../../table-id.ts';
import { createDatabases } from '../parts/create-databases.ts';
import { createTables, nameOf } from '../parts/create-tables.ts';
import { type Definition, readDefinition } from '../parts/definition.ts';
import type { PartedTable } from '../parts/parted-table.ts';
import { findSchedules } from './find-schedules.ts';
import type { Manifest } from './read-manifest.ts';
import { COUNT_SCHEDULES, refreshViews } from './refresh-views.ts';

/** A backup in the sandbox. */
export interface Staged {
  readonly path: string;
  /** Folders that hold its definitions, by their names in it. */
  readonly folders: readonly string[];
  readonly manifest: Manifest;
  /** @returns the beginning of one of its files; undefined: it has none of this name. */
  readText(name: string): Promise<string | undefined>;
}

interface Context {
  readonly key: string;
  readonly signal: AbortSignal;
}

/**
 * Restores all of it. Replicated tables, which need ClickHouse Keeper, are made as tables of one server beforehand, and views that are refreshed on a schedule
 * as views that are not refreshed by themselves: RESTORE then puts their parts into these.
 * @returns warnings. @throws DrillError as {@link restoreError} maps it.
 */
export async function restoreStaged(
  program: ClickHouseProgram,
  staged: Staged,
  context: Context,
): Promise<readonly string[]> {
  const restore = async (settings: string) => {
    const sql = `RESTORE ALL FROM File(${quoteText(staged.path)})${settings};\n${COUNT_SCHEDULES}`;
    const said = await program.ask(sql, { signal: context.signal });
    return said.trim().endsWith('\n0') ? [] : refreshViews(program, context.signal);
  };
  const paused = await createPaused(program, staged, context);
  try {
    return [...paused, ...(await restore(paused.length > 0 ? INTO_CREATED : ''))];
  } catch (error) {
    if (!(error instanceof ClickHouseError) || !NEEDS_KEEPER.includes(error.code ?? 0)) {
      throw restoreError(error, context.key);
    }
  }
  const unreplicated = await createUnreplicated(program, staged, context);
  try {
    return [...new Set([...paused, ...unreplicated, ...(await restore(INTO_CREATED))])];
  } catch (error) {
    throw restoreError(error, context.key);
  }
}

const INTO_CREATED = ' SETTINGS allow_different_table_def = 1, allow_different_database_def = 1';

/** Before the tables that they read. One that cannot be created is left to RESTORE. @returns a warning for each that was. */
async function createPaused(program: ClickHouseProgram, staged: Staged, context: Context): Promise<readonly string[]> {
  const { folders, manifest } = staged;
  const names = await findSchedules(program.sandbox, folders, manifest, context.signal);
  const views = await readTables(staged, names, ({ schedule }) => schedule !== undefined);
  if (views.length === 0) return [];
  const settings = { allow_materialized_view_with_bad_select: 1 };
  const bare = views.map((view) => ({ ...view, parts: [] }));
  const { created } = await createTables(program, bare, { ...context, settings });
  return created.map(describeChanges);
}

/** Of a database that is replicated itself, too: it is made as any other. */
async function createUnreplicated(
  program: ClickHouseProgram,
  staged: Staged,
  context: Context,
): Promise<readonly string[]> {
  const { databases, definitions } = staged.manifest;
  const replicated = await readTables(staged, definitions.keys(), ({ wasReplicated }) => wasReplicated);
  await createDatabases(program, databases, context);
  const { created, warnings } = await createTables(program, replicated, context);
  return [...created.map(describeChanges), ...warnings];
}

/** @param names of definitions in the backup. */
async function readTables(
  { manifest, readText }: Staged,
  names: Iterable<string>,
  isWanted: (definition: Definition) => boolean,
): Promise<readonly PartedTable[]> {
  const hasData = new Set(manifest.tables.flatMap((one) => (one.hasData ? [tableId(one)] : [])));
  const tables: PartedTable[] = [];
  for (const name of names) {
    const named = manifest.definitions.get(name);
    const definition = named && readDefinition((await readText(name)) ?? '', named.database, named.table);
    if (!definition || !isWanted(definition)) continue;
    const parts = hasData.has(tableId(named)) ? [{ name, files: new Map<string, string>() }] : [];
    tables.push({ ...named, definition, parts });
  }
  return tables;
}

function describeChanges(table: PartedTable): string {
  return `${nameOf(table)} was restored ${table.definition.changes.join(', ')}`;
}
