import type { Ask, DigestTable } from '../../../engines/fingerprint.ts';
import { DrillError } from '../../../support/errors.ts';
import { formatInstant } from '../../../support/instants.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { CheckContext, Evaluation } from '../../check-kind.ts';
import { compareColumns, compareRows, type Difference } from '../../fingerprint/compare.ts';
import { describeDifferences, summarize } from '../../fingerprint/describe.ts';
import { digestLike, forEachTable } from '../../fingerprint/digest-tables.ts';
import { MAX_MANIFEST_BYTES, type Manifest, parseManifest, type TableFingerprint } from '../../fingerprint/manifest.ts';
import { filterTables } from '../../fingerprint/table-filter.ts';
import type { FingerprintCheck } from './fingerprint-spec.ts';

const MAX_ROWS = 200_000;

/** @throws DrillError `manifest-missing`, `manifest-unusable`, and what the queries and reading the manifest throw. */
export async function compareWithManifest(check: FingerprintCheck, context: CheckContext): Promise<Evaluation> {
  const { probe, onWarning } = context;
  const hasher = probe.hasher;
  const { manifest, file } = await readManifest(check, context);
  if (manifest.rules !== hasher.rules) {
    throw new DrillError(
      'manifest-unusable',
      `the manifest ${file} was hashed by ${manifest.rules}, and the restored server hashes by ${hasher.rules}`,
      { hint: 'Write it with `firedrill fingerprint` for the same drill, by the same version of Firedrill.' },
    );
  }
  const isCompared = filterTables(check);
  const sources = manifest.tables.filter(({ name }) => isCompared(name));
  if (sources.length === 0) {
    throw new DrillError('manifest-unusable', `the manifest ${file} has none of the tables that the check compares`, {
      hint: 'Compare its names of tables with `tables` and `exclude` of the check.',
    });
  }
  const ask: Ask = (sql) => probe.query(sql, { database: check.database, maxRows: MAX_ROWS });
  const copies = new Map((await hasher.listTables(ask)).map((table) => [table.name, table]));
  const pairs = sources.map((source) => ({
    source,
    copy: copies.get(source.name),
    bytes: copies.get(source.name)?.bytes ?? 0,
  }));
  const sessions = Array.from({ length: Math.max(1, probe.parallel) }, () => ask);
  const found = await forEachTable(pairs, sessions, ({ source, copy }, session) =>
    compareTable(source, copy, { hasher, session }),
  );
  const known = new Set(manifest.tables.map(({ name }) => name));
  const added = [...copies.keys()].filter(
    (name) => !known.has(name) && isCompared(name) && filterTables(manifest.filter)(name),
  );
  const differences = [...found.flat(), ...added.map((table): Difference => ({ kind: 'new', table }))];
  const moved = pairs
    .filter(({ source, copy }) => copy && !hasSameOrder(source, copy))
    .map(({ source }) => source.name);
  if (moved.length > 0)
    onWarning(`finds the columns of ${moved.slice(0, 3).join(', ')} in another order than in the source`);
  const expected = `every row of ${formatCount(sources.length)} tables as on ${formatInstant(new Date(manifest.at))}`;
  if (differences.length > 0) {
    return {
      passed: false,
      expected,
      actual: summarize(differences, sources.length + added.length),
      details: describeDifferences(differences, check.locate),
    };
  }
  const rows = sources.reduce((sum, table) => sum + Number(table.rows), 0);
  return { passed: true, expected, actual: `all ${formatCount(rows)} rows are equal` };
}

async function compareTable(
  source: TableFingerprint,
  copy: DigestTable | undefined,
  { hasher, session }: { hasher: CheckContext['probe']['hasher']; session: Ask },
): Promise<readonly Difference[]> {
  if (!copy) return [{ kind: 'missing', table: source.name, rows: BigInt(source.rows) }];
  const columns = compareColumns(source, copy);
  if (columns) return [columns];
  const rows = compareRows(source, await digestLike(copy, source, hasher, session));
  return rows ? [rows] : [];
}

async function readManifest(
  check: FingerprintCheck,
  { neighbours, signal }: CheckContext,
): Promise<{ manifest: Manifest; file: string }> {
  const name = check.manifest.replaceAll('{name}', neighbours.name);
  const found = await neighbours.read(name, MAX_MANIFEST_BYTES, signal);
  if (!found) {
    throw new DrillError('manifest-missing', `there is no ${name} beside the backup, so its rows cannot be compared`, {
      hint: 'Run `firedrill fingerprint` in the backup job, in the dump’s own snapshot, and store what it writes beside the backup.',
    });
  }
  return { manifest: parseManifest(found.content.toString('utf8'), found.key), file: found.key };
}

function hasSameOrder(source: TableFingerprint, copy: DigestTable): boolean {
  const names = new Set(source.columns.map(([name]) => name));
  const order = copy.columns.map(({ name }) => name).filter((name) => names.has(name));
  return order.length !== names.size || order.every((name, index) => name === source.columns[index]?.[0]);
}
