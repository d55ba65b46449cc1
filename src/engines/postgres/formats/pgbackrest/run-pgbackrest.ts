import { DrillError, type ErrorCode } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { isAtLeast, versionIn } from '../../../../support/versions.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import { olderThan, tooOld } from './find-pgbackrest.ts';
import type { OpenedRepository } from './opened-repository.ts';

/** A directory in scratch, with a subdirectory for each tablespace. */
export const BY_NAME = 'tablespaces-by-name';

/** Where pgBackRest finds a repository. */
export interface RepositoryPlace {
  readonly path: string;
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Called with the fraction of the data restored so far, 0 to 1. */
  readonly onRestored?: (share: number) => void;
  /** Why the repository could not be read, which then explains pgBackRest's errors. */
  readonly failure?: () => DrillError | undefined;
  /** Aborts with a DrillError once nothing more can be read, however long pgBackRest would wait. */
  readonly lost?: AbortSignal;
}

/** Restores into the data directory, with tablespaces below {@link BY_NAME}. */
export async function runPgbackrest(
  opened: OpenedRepository & { readonly toolVersion: string },
  { sandbox, boot }: Pick<RecoverySite, 'sandbox' | 'boot'>,
  { path, options, env, onRestored, failure, lost }: RepositoryPlace,
  signal: AbortSignal,
): Promise<void> {
  const { entry, info } = opened;
  const { scratch, data } = sandbox.paths;
  const said: string[] = [];
  const { exitCode } = await sandbox.exec(
    [
      ...[
        'pgbackrest',
        '--no-config',
        `--stanza=${entry.stanza}`,
        `--set=${entry.label}`,
        '--type=none',
        '--archive-mode=off',
      ],
      ...[...options, `--repo1-path=${path}`, `--pg1-path=${data}`, `--tablespace-map-all=${scratch}/${BY_NAME}`],
      ...[`--lock-path=${scratch}/pgbackrest`, `--log-path=${scratch}/pgbackrest`, '--log-level-file=off'],
      ...[
        '--log-level-console=off',
        `--log-level-stderr=${onRestored ? 'detail' : 'warn'}`,
        `--process-max=${Math.max(1, Math.floor(boot.cpus))}`,
      ],
      'restore',
    ],
    {
      signal: lost ? AbortSignal.any([signal, lost]) : signal,
      onStderrLine: (line) => {
        const share = readShare(line);
        if (share !== undefined) onRestored?.(share);
        else if (!PROGRESS.test(line)) said.push(line);
        if (said.length > MAX_SAID) said.shift();
      },
      env: {
        ...env,
        LC_ALL: 'C',
        PGBACKREST_JOB_RETRY: '0', // missing files will not appear later
        ...(info.passphrase && {
          PGBACKREST_REPO1_CIPHER_TYPE: 'aes-256-cbc',
          PGBACKREST_REPO1_CIPHER_PASS: firstLine(info.passphrase.text),
        }),
      },
    },
  );
  if (exitCode !== 0)
    throw (
      failure?.() ??
      explainRestore(opened, said.join('\n'), { exitCode, where: sandbox.provenance.name, isStaged: !failure })
    );
}

/** `restore file /data/base/1/2619 (8KB, 12.34%) checksum …`, or `(bundle 1/0, 8KB, 12.34%)`. Source: pgBackRest's src/command/restore/restore.c, restoreJobResult. */
export function readShare(line: string): number | undefined {
  const percent = /B, (\d{1,3}(?:\.\d+)?)%\)/.exec(line)?.[1];
  return percent === undefined || !PROGRESS.test(line) ? undefined : Number(percent) / 100;
}

const PROGRESS = /\bP\d+ +(?:DETAIL|INFO): /;
/** Number of last lines that are kept of its other output. */
const MAX_SAID = 200;

/** The same as the host uses for decryption. */
function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}

const MISSING_FILE = '055';

const NUMBERS: Readonly<Record<string, readonly [code: ErrorCode, what: string]>> = {
  '029': ['backup-corrupt', 'a file of it is damaged'],
  [MISSING_FILE]: ['backup-truncated', 'a file of it is missing'],
};

/** Source of the numbers: pgBackRest's src/build/error/error.yaml. Its output may contain bytes of the repository: only lines of plain text are shown. */
export function explainRestore(
  opened: Pick<OpenedRepository, 'content' | 'major'> & {
    readonly toolVersion: string;
    readonly backup?: Pick<OpenedRepository['backup'], 'toolVersion'>;
  },
  output: string,
  { exitCode, where, isStaged }: { readonly exitCode: number; readonly where: string; readonly isStaged: boolean },
): DrillError {
  const details = readable(output);
  const number = /ERROR: \[(\d{3})\]/.exec(output)?.[1] ?? '';
  if (/no space left/i.test(output)) {
    return failed(
      opened,
      'disk-full',
      'the sandbox is full',
      details,
      isStaged
        ? STAGED_HINT
        : 'Free up space where the engine keeps its volumes: it must hold the log beside the restored backup.',
    );
  }
  if (/invalid PostgreSQL version/.test(output)) return tooOld(opened.toolVersion, opened.major, where);
  const writer = versionIn(opened.backup?.toolVersion ?? '');
  const isCertain = number === MISSING_FILE || /\bchecksum\b/i.test(output); // regardless of the version
  if (!isCertain && writer !== undefined && !isAtLeast(opened.toolVersion, writer))
    return olderThan(writer, opened, where, details);
  const known = NUMBERS[number];
  if (known) return failed(opened, known[0], known[1], details);
  const isDamage = /\b(?:checksum|FormatError|CryptoError|unexpected eof|lz4|zst|gz|bz2)\b/i.test(output);
  if (isDamage) return failed(opened, 'backup-corrupt', 'a file of it is damaged', details);
  return failed(
    opened,
    'restore-failed',
    `pgBackRest ${opened.toolVersion} ended with exit code ${exitCode}`,
    details,
    'Its output is below. If a newer version wrote the repository, install that one in the image.',
  );
}

const STAGED_HINT =
  'Free up space where the engine keeps its volumes, or set `restore.repository: gateway`: a staged restore needs room there for the backup twice, stored and restored, and for the log.';

export function failed(
  { content }: Pick<OpenedRepository, 'content'>,
  code: ErrorCode,
  what: string,
  details: readonly string[],
  hint = 'Run `pgbackrest verify` on the repository, check its storage, and take a new full backup.',
): DrillError {
  return new DrillError(code, `${content.backup.key} cannot be restored: ${what}`, { hint, details });
}

/** Lines of plain text only; lines about its activity, not about what went wrong, only if there are no others. */
export function readable(output: string): string[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && /^[\t\x20-\x7e]*$/.test(line));
  const telling = lines.filter((line) => !/^\s*(?:P\d+ +)?(?:INFO|DETAIL): /.test(line));
  return (telling.length > 0 ? telling : lines).slice(0, 8).map((line) => toPrintable(line.trim(), 400));
}
