import type { ClickHouseProgram } from '../../server/program.ts';
import { ClickHouseError, NEEDS_KEEPER, restoreError } from '../../server/server-errors.ts';
import { quoteName, quoteText } from '../../sql/quoting.ts';
import { tableId } from '../../table-id.ts';
import { createDatabases } from '../parts/create-databases.ts';
import { createTables, nameOf } from '../parts/create-tables.ts';
import { type Definition, readDefinition } from '../parts/definition.ts';
import type { PartedTable } from '../parts/parted-table.ts';
import { findAlteredViews } from './find-altered-views.ts';
import type { Manifest } from './read-manifest.ts';
import { COUNT_SCHEDULES, refreshViews } from './refresh-views.ts';

/** A backup in the sandbox. */
export interface Staged {
  readonly path: string;
  /** Folders that contain its definitions, by name in the backup. */
  readonly folders: readonly string[];
  readonly manifest: Manifest;
  /** @returns the beginning of one of its files; undefined: it contains none of this name. */
  readText(name: string): Promise<string | undefined>;
}

interface Context {
  readonly key: string;
  readonly signal: AbortSignal;
}

/**
 * Restores the whole backup. Some objects are created differently beforehand: replicated tables, which need ClickHouse Keeper, as tables of a single server,
 * views that are refreshed on a schedule as views without automatic refresh, and views with a definer as views without one. RESTORE then adds their parts to
 * these.
 * @returns warnings. @throws DrillError as {@link restoreError} maps it.
 */
export async function restoreStaged(
  program: ClickHouseProgram,
  staged: Staged,
  context: Context,
): Promise<readonly string[]> {
  const { warnings: altered, done } = await createAltered(program, staged, context);
  const except =
    done.length > 0 ? ` EXCEPT TABLES ${done.map((one) => quoteName(one.database, one.table)).join(', ')}` : '';
  const restore = async (settings: string) => {
    const sql = `RESTORE ALL${except} FROM File(${quoteText(staged.path)})${settings};\n${COUNT_SCHEDULES}`;
    const said = await program.ask(sql, { signal: context.signal });
    return said.trim().endsWith('\n0') ? [] : refreshViews(program, context.signal);
  };
  try {
    return [...altered, ...(await restore(altered.length > 0 ? INTO_CREATED : ''))];
  } catch (error) {
    if (!(error instanceof ClickHouseError) || !NEEDS_KEEPER.includes(error.code ?? 0)) {
      throw restoreError(error, context.key);
    }
  }
  const unreplicated = await createUnreplicated(program, staged, context);
  try {
    return [...new Set([...altered, ...unreplicated, ...(await restore(INTO_CREATED))])];
  } catch (error) {
    throw restoreError(error, context.key);
  }
}

const INTO_CREATED = ' SETTINGS allow_different_table_def = 1, allow_different_database_def = 1';

interface AlteredViews {
  /** One for each that was created. */
  readonly warnings: readonly string[];
  /** Views that RESTORE must skip: it requires the right to create them even if they exist. They have no rows of their own. */
  readonly done: readonly PartedTable[];
}

/** Created before the tables that they read. One that cannot be created is left to RESTORE. */
async function createAltered(program: ClickHouseProgram, staged: Staged, context: Context): Promise<AlteredViews> {
  const { folders, manifest } = staged;
  const names = await findAlteredViews(program.sandbox, folders, manifest, context.signal);
  const views = await readTables(
    staged,
    names,
    ({ schedule, lostSecurity }) => schedule !== undefined || lostSecurity !== undefined,
  );
  if (views.length === 0) return { warnings: [], done: [] };
  const settings = { allow_materialized_view_with_bad_select: 1 };
  const bare = views.map((view) => ({ ...view, parts: [] }));
  const { created } = await createTables(program, bare, { ...context, settings });
  const hasRows = new Set(views.flatMap((view) => (view.parts.length > 0 ? [tableId(view)] : [])));
  return {
    warnings: created.map(describeChanges),
    done: created.filter((view) => view.definition.lostSecurity === 'none' && !hasRows.has(tableId(view))),
  };
}

/** Includes databases that are themselves replicated: they are created like any other. */
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
