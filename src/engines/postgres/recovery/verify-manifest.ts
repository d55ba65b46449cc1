import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { Tool } from '../server/installed-tools.ts';
import type { UnpackListener } from './unpack-listener.ts';

export interface FilesToVerify {
  readonly sandbox: Sandbox;
  readonly tool: Tool;
  readonly paths: { readonly data: string };
  /** The backup's key, for messages. */
  readonly key: string;
  readonly onDoing: UnpackListener;
}

/** The first version whose pg_verifybackup reports its progress. */
const TELLS_PROGRESS = 16;
/** Maximum number of errors kept. */
const MAX_ERRORS = 100;

/**
 * Compares every file with the manifest that the server wrote. The tool and the manifest must have the same major version.
 * @returns warnings. Throws DrillError `backup-corrupt`, `backup-truncated`.
 */
export async function verifyManifest(files: FilesToVerify, signal: AbortSignal): Promise<string[]> {
  const { sandbox, tool, paths, key, onDoing } = files;
  const verifying = (step: Parameters<UnpackListener>[1]) =>
    onDoing(`verifying the files of ${key}`, { phase: 'verify', ...step });
  const errors: string[] = [];
  verifying({ step: 'unknown' });
  const options = Number(tool.major) >= TELLS_PROGRESS ? ['--progress'] : [];
  const { exitCode, stdout } = await sandbox.exec(['sh', '-c', VERIFY, 'verify', tool.dir, paths.data, ...options], {
    signal,
    env: { LC_ALL: 'C' },
    onStderrLine: (line) => {
      const step = readVerified(line);
      if (step) verifying({ step });
      else if (ERROR.test(line) && errors.length < MAX_ERRORS) errors.push(line);
    },
  });
  if (exitCode === NO_MANIFEST)
    return [`${key} has no backup_manifest: whether each file is unchanged was not verified`];
  if (exitCode === NO_TOOL) {
    return [
      `not verified against its backup_manifest: ${sandbox.provenance.name} lacks pg_verifybackup of Postgres ${tool.major}`,
    ];
  }
  if (exitCode === 0) return [];
  throw explainVerifying(key, [...errors, ...stdout.split('\n').filter((line) => ERROR.test(line))], exitCode);
}

/** `380000/792000 kB (47%) verified`, once a second. Source: PostgreSQL's src/bin/pg_verifybackup/pg_verifybackup.c, progress_report. */
export function readVerified(line: string): { done: number; total: number } | undefined {
  const [, done, total] = /^\s*(\d+)\/(\d+) kB \(\d+%\) verified\s*$/.exec(line) ?? [];
  return done === undefined || total === undefined
    ? undefined
    : { done: Number(done) * 1024, total: Number(total) * 1024 };
}

function explainVerifying(key: string, lines: readonly string[], exitCode: number): DrillError {
  if (lines.some((line) => /"pg_tblspc\/\d+\/.*not on disk/.test(line))) {
    return new DrillError(
      'backup-truncated',
      `${key} lacks its tablespaces, which are outside a plain data directory`,
      {
        hint: 'Take backups of a server with tablespaces with `--format=tar`, which stores each as a tar.',
      },
    );
  }
  const [first = `exit code ${exitCode}`] = lines.map((line) => toPrintable(line.replace(ERROR, '')));
  return new DrillError('backup-corrupt', `${key} does not match its backup_manifest: ${first}`, {
    hint: 'Files changed, or were lost, after the server sent them: check the storage, and take a new backup.',
    details: lines.slice(0, 10).map((line) => toPrintable(line)),
  });
}

const ERROR = /^pg_verifybackup: error: /;
const NO_MANIFEST = 80;
const NO_TOOL = 81;

/** The log is proven by its replay, so it is not parsed here. */
const VERIFY = `
tool=$1/pg_verifybackup data=$2
shift 2
[ -f "$data/backup_manifest" ] || exit ${NO_MANIFEST}
[ -x "$tool" ] || exit ${NO_TOOL}
exec "$tool" --no-parse-wal "$@" "$data"
`;
