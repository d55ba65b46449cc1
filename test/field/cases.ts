import { existsSync } from 'node:fs';
import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { isFullMatrix } from '../support/full-matrix.ts';
import { type BackupFiles, readFiles, writeFiles } from './backup-files.ts';
import { type DrillOutcome, type DrillSpec, drillBackup } from './drill-backup.ts';
import { unpack } from './recipes/compressors.ts';

const FAMILIES = ['postgres', 'mysql'] as const;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HERE = fileURLToPath(new URL('./cases/', import.meta.url));
/** Suffix of files that are stored compressed here to keep them small. */
const STORED = '.stored.xz';

/** A backup from a real user, and the correct outcome for it. */
export interface FieldCase extends DrillSpec {
  /** Its directory, which `--only` matches: `postgres/schema-only`. */
  readonly name: string;
  readonly why: string;
  readonly want: 'passed' | 'failed' | 'errored';
  /** A regular expression that the output must match. */
  readonly says: string | undefined;
  /** A cheaper test that shows the same, to which CI leaves this case. */
  readonly shownBy?: string;
}

/** @returns the cases in cases.yaml of each family. */
export async function loadCases(): Promise<readonly FieldCase[]> {
  const families = FAMILIES.map(async (family) => {
    const listed = parse(await readFile(join(HERE, family, 'cases.yaml'), 'utf8')) as FieldCase[];
    return listed.map((each) => ({ ...each, runtime: each.runtime ?? 'local', name: `${family}/${each.name}` }));
  });
  return (await Promise.all(families)).flat();
}

/** @returns the cases that CI drills on that runtime: all of them under `FIREDRILL_FULL_MATRIX=1`. */
export async function pickCases(runtime: FieldCase['runtime']): Promise<readonly FieldCase[]> {
  const cases = (await loadCases()).filter((each) => each.runtime === runtime);
  const lost = cases.filter(({ shownBy }) => shownBy !== undefined && !existsSync(join(ROOT, shownBy)));
  if (lost.length > 0) throw new Error(`no such test: ${lost.map(({ name, shownBy }) => `${shownBy} (${name})`)}`);
  return cases.filter(({ shownBy }) => isFullMatrix || shownBy === undefined);
}

export function drillCase(fieldCase: FieldCase): Promise<DrillOutcome> {
  return drillBackup(async (directory) => {
    const files = unstore(await readFiles(join(HERE, fieldCase.name)));
    await writeFiles(directory, files);
    await datedByName(directory, files);
  }, fieldCase);
}

/** @returns what is wrong with the outcome, in one sentence; undefined when it is right. */
export function faultOf({ want, says }: FieldCase, { verdict, printed, run, leaks }: DrillOutcome): string | undefined {
  if (verdict !== want)
    return `want ${want}, got ${verdict}: ${run?.error?.message ?? run?.reasons.map(({ sentence }) => sentence).join('; ') ?? printed}`;
  if (run?.error?.code === 'internal') return `internal: ${run.error.message}`;
  if (leaks.length > 0) return `left behind: ${leaks.join(', ')}`;
  return says === undefined || new RegExp(says, 'i').test(printed) ? undefined : `nothing says /${says}/: ${printed}`;
}

function unstore(files: BackupFiles): BackupFiles {
  return new Map(
    [...files].map(([name, bytes]) =>
      name.endsWith(STORED) ? [name.slice(0, -STORED.length), unpack('xz', bytes)] : [name, bytes],
    ),
  );
}

/** Files with later names are newer by one minute each, as if a job wrote them one after the other. */
async function datedByName(directory: string, files: BackupFiles): Promise<void> {
  const tops = [...new Set([...files.keys()].map((name) => name.split('/')[0] ?? name))].sort();
  for (const [index, name] of tops.entries()) {
    const at = new Date(Date.now() - 60_000 * (tops.length - index));
    await utimes(join(directory, name), at, at);
  }
}
