import type { DirectoryContent } from '../../../../backup/content.ts';
import type { Sandbox, SandboxFile } from '../../../../sandbox/sandbox.ts';
import { finishRestore } from '../../../finish-restore.ts';
import type { ProvisionOptions, Restoration, Restored, RunOptions } from '../../../format.ts';
import { openProgram } from '../../server/open-program.ts';
import { type BootedProgram, bootProgram } from '../boot-program.ts';
import { attachParts, findDetached } from './attach-parts.ts';
import { createFunctions, createTables, nameOf } from './create-tables.ts';
import { nameInnerTables } from './inner-tables.ts';
import type { PartedTable } from './parted-table.ts';

export interface PartedBackup {
  readonly content: DirectoryContent;
  readonly tables: readonly PartedTable[];
  /** Statements to run first: functions that tables use. Default: none. */
  readonly functions?: readonly string[];
  /** The files of all parts of these tables, below the folder of each: `FOLDER/PART/FILE`. */
  readFiles(folders: ReadonlyMap<PartedTable, string>, signal: AbortSignal): AsyncIterable<SandboxFile>;
}

/** Creates the tables before anything is fetched: that takes no time compared with the parts. */
export async function provisionParts(
  backup: PartedBackup,
  sandbox: Sandbox,
  options: ProvisionOptions,
): Promise<Restoration> {
  const booted = await bootProgram(openProgram, sandbox, options);
  return { run: (run) => restore(backup, booted, run) };
}

/** The parts are written directly to where the server reads them, so the sandbox stores them only once. */
async function restore(
  backup: PartedBackup,
  { program, server }: BootedProgram,
  options: RunOptions,
): Promise<Restored> {
  const { content } = backup;
  const { signal, phases } = options;
  const { key } = content.backup;
  const report = (doing: string, ratio?: number) =>
    options.onProgress({ bytesRead: content.meter.bytesRead, doing, ratio, phase: 'load' });
  phases.enter('load');
  report('creating tables');
  const tables = nameInnerTables(backup.tables, program.version);
  const unmade = await createFunctions(program, backup.functions ?? [], signal);
  const { created, warnings } = await createTables(program, tables, { key, signal });
  const parted = created.filter(({ parts }) => parts.length > 0);
  const folders = await findDetached(program, parted, signal);
  phases.enter('fetch');
  report('fetching parts');
  await program.sandbox.writeFiles(program.path, backup.readFiles(folders, signal), signal);
  phases.enter('load');
  report('attaching parts', 0);
  await attachParts(program, parted, { key, signal, onDone: (ratio) => report('attaching parts', ratio) });
  server.expect(created.map(({ database, table, parts }) => ({ database, table, hasData: parts.length > 0 })));
  const found = {
    database: options.database ?? tables[0]?.database ?? 'default',
    warnings: [...tables.flatMap(describeChanges), ...unmade, ...warnings],
  };
  return finishRestore(server, found, options, () => report('flushing', 1));
}

function describeChanges(table: PartedTable): readonly string[] {
  const { changes } = table.definition;
  return changes.length === 0 ? [] : [`${nameOf(table)} was restored ${changes.join(', ')}`];
}
