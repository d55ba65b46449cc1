import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Drill } from '../../config/drill-file.ts';
import { loadDrills } from '../../config/load-drills.ts';
import type { DigestTable, SourceDatabase } from '../../engines/fingerprint.ts';
import { requireSql } from '../../engines/require-sql.ts';
import { DrillError, EXIT } from '../../support/errors.ts';
import { formatCount, formatDuration } from '../../support/quantities.ts';
import { writeWholeFile } from '../../support/write-whole-file.ts';
import { fingerprintTables } from '../../verify/fingerprint/digest-tables.ts';
import { formatManifest } from '../../verify/fingerprint/manifest.ts';
import { filterTables, type TableFilter } from '../../verify/fingerprint/table-filter.ts';
import { readDatabaseAddress } from '../database-address.ts';
import { printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { showWork } from '../work-reporter.ts';

export interface FingerprintOptions {
  readonly config: string | undefined;
  readonly url: string | undefined;
  readonly passwordFile: string | undefined;
  readonly snapshot: string | undefined;
  /** Sessions that read in parallel. */
  readonly jobs: number;
  readonly out: string | undefined;
  /** Created once the snapshot is taken. */
  readonly ready: string | undefined;
}

/** `firedrill fingerprint`: reads a running database in one snapshot, and writes the manifest that a `fingerprint` check compares with. */
export async function fingerprintCommand(tools: Toolbox, name: string, options: FingerprintOptions): Promise<number> {
  const { interrupt } = tools.io;
  try {
    return await writeFingerprint(tools, name, options);
  } catch (thrown) {
    if (!interrupt.aborted) throw thrown;
    throw new DrillError('interrupted', 'canceled; no manifest was written', { cause: thrown });
  }
}

async function writeFingerprint(tools: Toolbox, name: string, options: FingerprintOptions): Promise<number> {
  const { io, clock } = tools;
  const settings = await tools.loadSettings(options.config);
  const loading = tools.loadOptions(settings);
  const drills = await loadDrills([name], loading);
  const [drill] = drills;
  if (!drill || drills.length > 1) {
    throw new DrillError('usage', `${name} names ${drills.length} drills`, { hint: 'Name one.' });
  }
  const engine = await tools.backups.engineOf(drill.engine.type);
  const sql = requireSql(engine, '`firedrill fingerprint`');
  const address = await readDatabaseAddress({ type: engine.type, sql }, { ...options, io, redactor: loading.redactor });
  const startedMs = clock.monotonicMs();
  const { snapshot, jobs: sessions } = options;
  await using source = await sql.openDatabase({ ...address, snapshot, sessions }, io.interrupt);
  const at = clock.now();
  if (options.ready !== undefined) await writeReady(resolve(io.cwd, options.ready), options.ready);
  const say = (text: string): void => void io.stderr.write(`${printable(text)}\n`);
  const filter = filterOf(drill, source.database, say);
  const tables = await listTables(source, filter);
  for (const { name: table, outsideSnapshot } of tables) {
    if (outsideSnapshot) say(`WARNING: ${table}: ${outsideSnapshot}; its rows may be later than the dump’s`);
  }
  const doing = `reading ${formatCount(tables.length)} ${tables.length === 1 ? 'table' : 'tables'} of ${source.database}`;
  const fingerprints = await showWork(tools, doing, () => fingerprintTables(tables, source));
  const manifest = formatManifest({
    rules: source.hasher.rules,
    database: source.database,
    serverVersion: source.serverVersion,
    at: at.toISOString(),
    firedrillVersion: tools.version,
    filter: { ...(filter.tables ? { tables: [...filter.tables] } : {}), exclude: [...filter.exclude] },
    tables: [...fingerprints],
  });
  if (options.out === undefined) io.stdout.write(manifest);
  else await writeManifest(resolve(io.cwd, options.out), options.out, manifest);
  const rows = fingerprints.reduce((sum, table) => sum + Number(table.rows), 0);
  const took = formatDuration(clock.monotonicMs() - startedMs);
  const counted = `${formatCount(tables.length)} ${tables.length === 1 ? 'table' : 'tables'}`;
  say(`${source.database}: ${counted}, ${formatCount(rows)} rows, in ${took}`);
  return EXIT.passed;
}

/** The tables compared by the drill's check of this database. */
function filterOf({ checks, engine, place }: Drill, database: string, say: (text: string) => void): TableFilter {
  const own = checks.flatMap((check) => (check.kind === 'fingerprint' ? [check] : []));
  const check = own.find((each) => (each.database ?? engine.database ?? database) === database);
  if (!check) {
    say(`WARNING: ${place.file} has no fingerprint check of ${database} yet; every table is read`);
    say('HINT: Add to its checks: - { name: every row is as it was dumped, fingerprint: {} }');
  }
  return check ?? { tables: undefined, exclude: [] };
}

async function listTables(
  { hasher, sessions, database }: SourceDatabase,
  filter: TableFilter,
): Promise<readonly DigestTable[]> {
  const [ask] = sessions;
  const all = ask ? await hasher.listTables(ask) : [];
  const tables = all.filter(({ name }) => filterTables(filter)(name));
  if (tables.length > 0) return tables;
  throw new DrillError('database-failed', `${database} has no table to compare (${formatCount(all.length)} in all)`, {
    hint: 'Check the database in the URL, the user’s privileges, and `tables` and `exclude` of the check.',
  });
}

async function writeManifest(path: string, shown: string, text: string): Promise<void> {
  await writeWholeFile(path, [text]).catch((error: unknown) => {
    throw unwritable(shown, error);
  });
}

async function writeReady(path: string, shown: string): Promise<void> {
  await writeFile(path, '').catch((error: unknown) => {
    throw unwritable(shown, error);
  });
}

function unwritable(shown: string, cause: unknown): DrillError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new DrillError('usage', `${shown} cannot be written (${reason})`, {
    hint: 'Check the directory and its permissions.',
    cause,
  });
}
