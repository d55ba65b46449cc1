import { posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { checkMapping } from '../../../config/fields.ts';
import type { RestoredFiles } from '../../../engines/restored-files.ts';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatBytes, formatCount, formatDuration, parseDurationMs } from '../../../support/quantities.ts';
import { type CheckBase, type CheckContext, defineCheckKind } from '../../check-kind.ts';
import { describeExpectation, evaluate } from '../../evaluate.ts';
import { checkSqlite } from './check-sqlite.ts';
import { type FilesSpec, filesSchema, resolveFiles } from './files-spec.ts';
import type { Observation } from './observation.ts';
import { readManifest } from './read-manifest.ts';
import { type FilesSummary, summariseFiles } from './summarise-files.ts';

/** Verifies properties of restored files. */
export interface FilesCheck extends CheckBase<'files'> {
  readonly files: FilesSpec;
}

const MANIFEST_BYTES = 64 * 2 ** 20;

export const filesCheck = defineCheckKind({
  key: 'files',
  needs: 'files',
  schema: checkMapping(
    { files: filesSchema.describe('What must be true of the restored files. Links are never followed.') },
    { timeout: '30m' },
  ),
  resolve: ({ name, files, timeout }): FilesCheck | undefined => ({
    kind: 'files',
    name,
    files: resolveFiles(files),
    timeoutMs: parseDurationMs(timeout) ?? Number.NaN,
  }),
  // SQLite may roll back or checkpoint a database that it opens
  turnOf: ({ files: { sqlite } }) => (sqlite ? 'last' : 'together'),
  describe: ({ files }, context) => describeFiles(files, context),
  async run({ files: spec }, context) {
    const { probe, takenAt, signal } = context;
    const { files } = probe;
    if (!files) throw noFiles();
    const within = (path: string) => posix.join(spec.path, path);
    const summary = needsListing(spec)
      ? await summariseFiles(files.list(spec.path, signal), { sample: spec.sample, seed: takenAt.toISOString() })
      : undefined;
    const found: Observation[] = [];
    for (const path of spec.exist) found.push(await exists(files, within(path), signal));
    if (summary) found.push(...judgeSummary(spec, summary, context));
    for (const [path, sum] of Object.entries(spec.sha256)) found.push(await matches(files, within(path), sum, signal));
    if (spec.manifest !== undefined) found.push(...(await checkManifest(files, within(spec.manifest), signal)));
    if (summary && spec.sample > 0) found.push(await readSample(files, summary, signal));
    if (spec.sqlite) found.push(...(await sqliteOf(spec.sqlite, within(spec.sqlite.file), files, context)));
    const failed = found.filter(({ passed }) => !passed);
    const shown = failed.length > 0 ? failed : found;
    return {
      passed: failed.length === 0,
      expected: describeFiles(spec, context),
      actual:
        shown
          .slice(0, 3)
          .map(({ actual }) => actual)
          .join('; ') + (shown.length > 3 ? ` and ${shown.length - 3} more` : ''),
      details: failed.map(({ actual }) => actual),
      ...(summary && { measured: { files: summary.files, bytes: summary.bytes } }),
    };
  },
});

function needsListing({ count, minBytes, maxBytes, newestMs, sample }: FilesSpec): boolean {
  return sample > 0 || [count, minBytes, maxBytes, newestMs].some((each) => each !== undefined);
}

/** Evaluates a summary of the listing. Pure. */
export function judgeSummary(
  { count, minBytes = 0, maxBytes = Number.POSITIVE_INFINITY, newestMs }: FilesSpec,
  { files, bytes, newest }: FilesSummary,
  { takenAt }: Pick<CheckContext, 'takenAt'>,
): Observation[] {
  const found: Observation[] = [];
  if (count) {
    const result = { columns: ['files'], rows: [[files]], truncated: false };
    found.push({ passed: evaluate(count, result, { takenAt }).passed, actual: countFiles(files) });
  }
  if (minBytes > 0 || Number.isFinite(maxBytes))
    found.push({ passed: bytes >= minBytes && bytes <= maxBytes, actual: formatBytes(bytes) });
  if (newestMs !== undefined) {
    const olderMs = newest && takenAt.getTime() - newest.modifiedAt.getTime();
    const actual =
      newest && olderMs !== undefined
        ? `newest file ${toPrintable(newest.path, 80)}, ${olderMs > 0 ? `${formatDuration(olderMs)} older than the backup` : 'as new as the backup'}`
        : 'no file';
    found.push({ passed: olderMs !== undefined && olderMs <= newestMs, actual });
  }
  return found;
}

async function exists(files: RestoredFiles, path: string, signal: AbortSignal): Promise<Observation> {
  const passed = (await files.lstat(path, signal)) !== undefined;
  return { passed, actual: `${toPrintable(path, 80)} ${passed ? 'is there' : 'is missing'}` };
}

async function matches(files: RestoredFiles, path: string, sum: string, signal: AbortSignal): Promise<Observation> {
  const shown = toPrintable(path, 80);
  const actual = await whatIsWrong(files.hash(path, signal));
  if (typeof actual === 'object') return { passed: false, actual: actual.wrong };
  const passed = actual === sum.toLowerCase();
  return { passed, actual: passed ? `${shown} matches` : `${shown} has the SHA-256 ${actual.slice(0, 12)}…` };
}

async function checkManifest(files: RestoredFiles, path: string, signal: AbortSignal): Promise<Observation[]> {
  const shown = toPrintable(path, 80);
  const file = await files.lstat(path, signal);
  if (file?.kind !== 'file') return [{ passed: false, actual: `${shown} is ${file ? 'not a file' : 'missing'}` }];
  if (file.sizeBytes > MANIFEST_BYTES) throw unusable(shown, `is larger than ${formatBytes(MANIFEST_BYTES)}`);
  const sums = readManifest((await buffer(await files.read(path, signal))).toString('utf8'), path);
  if (!sums) throw unusable(shown, 'has a line that `sha256sum` does not write');
  if (sums.size === 0) return [{ passed: false, actual: `${shown} lists no file` }];
  const found: Observation[] = [];
  for (const [each, sum] of sums) found.push(await matches(files, each, sum, signal));
  const failed = found.filter(({ passed }) => !passed);
  return failed.length > 0 ? failed : [{ passed: true, actual: `${formatCount(sums.size)} checksums match` }];
}

async function readSample(files: RestoredFiles, { drawn }: FilesSummary, signal: AbortSignal): Promise<Observation> {
  for (const { path, sizeBytes } of drawn) {
    const read = await whatIsWrong(countBytes(files, path, signal));
    const shown = toPrintable(path, 80);
    if (typeof read === 'object') return { passed: false, actual: read.wrong };
    if (read !== sizeBytes)
      return { passed: false, actual: `${shown} has ${formatBytes(read)} of ${formatBytes(sizeBytes)}` };
  }
  return {
    passed: drawn.length > 0,
    actual: drawn.length > 0 ? `${countFiles(drawn.length)} read` : 'no file to read',
  };
}

async function countBytes(files: RestoredFiles, path: string, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  for await (const chunk of await files.read(path, signal)) bytes += (chunk as Buffer).length;
  return bytes;
}

async function sqliteOf(
  spec: NonNullable<FilesSpec['sqlite']>,
  path: string,
  files: RestoredFiles,
  context: CheckContext,
) {
  const file = await files.lstat(path, context.signal);
  if (file?.kind === 'file' && file.sizeBytes > 0) return checkSqlite(spec, path, { ...context, files });
  const what = file === undefined ? 'is missing' : file.kind === 'file' ? 'has 0 bytes' : 'is not a regular file';
  return [{ passed: false, actual: `${toPrintable(path, 80)} ${what}` }];
}

/** Damaged or missing data is a finding; any other error ends the check. */
async function whatIsWrong<T>(work: Promise<T>): Promise<T | { readonly wrong: string }> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DrillError && error.code === 'wrong-data') return { wrong: error.message };
    throw error;
  }
}

function describeFiles(spec: FilesSpec, context: Pick<CheckContext, 'takenAt'>): string {
  const { exist, count, minBytes, maxBytes, newestMs, sha256, manifest, sample, sqlite } = spec;
  const sums = Object.keys(sha256).length;
  const parts = [
    exist.length > 0 && `${formatCount(exist.length)} ${exist.length === 1 ? 'path is' : 'paths are'} there`,
    count && `number of files ${describeExpectation(count, context)}`,
    minBytes !== undefined && `at least ${formatBytes(minBytes)}`,
    maxBytes !== undefined && `at most ${formatBytes(maxBytes)}`,
    newestMs !== undefined && `newest file at most ${formatDuration(newestMs)} older than the backup`,
    sums > 0 && `${formatCount(sums)} ${sums === 1 ? 'checksum matches' : 'checksums match'}`,
    manifest !== undefined && `${manifest} matches`,
    sample > 0 && `${countFiles(sample)} can be read`,
    sqlite?.integrity && `${sqlite.file} is sound`,
    sqlite?.expect && `${sqlite.file}: ${describeExpectation(sqlite.expect, context)}`,
  ].filter((part): part is string => typeof part === 'string');
  return `${spec.path === '' ? '' : `in ${spec.path}: `}${parts.join(', ')}`;
}

function countFiles(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'file' : 'files'}`;
}

function noFiles(): DrillError {
  return new DrillError('check-malformed', 'this engine restores no files that a check could look at', {
    hint: 'Use a check that asks the restored server, such as `sql` or `tables`.',
  });
}

function unusable(shown: string, why: string): DrillError {
  return new DrillError('manifest-unusable', `${shown} ${why}`, {
    hint: 'Write it with `sha256sum`, one line for each file.',
  });
}
