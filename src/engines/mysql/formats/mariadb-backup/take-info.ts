import { Readable } from 'node:stream';
import type { Sandbox, SandboxFile } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { type BackupInfo, INFO_FILES, readBackupInfo } from '../../xbstream/backup-info.ts';
import { cutStream } from '../../xbstream/read-stream-info.ts';

const NAMES = Object.values(INFO_FILES).flat();

/**
 * Reads the metadata of an unpacked backup, and moves its configuration aside in the sandbox so that no program reads it.
 * @throws DrillError `backup-truncated` if the file that the tool writes last is missing, `backup-corrupt` for a link or device among its files.
 */
export async function takeInfo(
  key: string,
  directory: string,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<BackupInfo> {
  const aside = `${sandbox.paths.scratch}/configuration-of-the-backup`;
  const argv = ['sh', '-c', TAKE, 'take', directory, aside, ...NAMES];
  const { exitCode, stdout, stderr } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  if (exitCode === IS_STRANGE) {
    throw new DrillError(
      'backup-corrupt',
      `${key} holds ${toPrintable(stderr.trim().replace(`${directory}/`, ''), 200)}, which is a link or a special file: refused`,
      {
        hint: 'The tool writes plain files only: check who can write to the source.',
      },
    );
  }
  if (exitCode !== 0)
    throw new DrillError(
      'server-failed',
      `the files of ${key} cannot be read in the sandbox: ${toPrintable(stderr, 200)}`,
    );
  const parts = stdout.split('\0');
  const texts = new Map<string, string>();
  for (let at = 0; at + 1 < parts.length; at += 2) texts.set(parts[at] ?? '', parts[at + 1] ?? '');
  if (!INFO_FILES.info.some((name) => texts.has(name))) {
    throw cutStream(key, 'lacks mariadb_backup_info (older: xtrabackup_info), which the tool writes last');
  }
  const info = readBackupInfo(texts);
  await sandbox.writeFiles(directory, ownSettings(info), signal);
  return info;
}

/** The tool requires this file; it gets one with the settings taken from its own. */
async function* ownSettings({ settings = {} }: BackupInfo): AsyncGenerator<SandboxFile> {
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  const content = Buffer.from(`[mysqld]\n${lines.join('')}`);
  yield { name: INFO_FILES.settings[0], sizeBytes: content.length, content: Readable.from([content]) };
}

const IS_STRANGE = 90;

/** Prints each file's name and beginning, separated by zero bytes. InnoDB files that point elsewhere (`.isl`) are omitted: the tablespace is in the backup. */
const TAKE = `
set -eu
directory=$1 aside=$2
shift 2
strange=$(find "$directory" ! -type f ! -type d -print | head -n 1)
if [ -n "$strange" ]; then printf '%s' "$strange" >&2; exit ${IS_STRANGE}; fi
for name in "$@"; do
  [ -f "$directory/$name" ] || continue
  printf '%s\\0' "$name"
  head -c 65536 "$directory/$name" | tr -d '\\000'
  printf '\\0'
done
mkdir -p "$aside"
for file in "$directory"/*.cnf "$directory"/mysqld-auto.cnf "$directory"/init.*; do
  [ ! -f "$file" ] || mv -f "$file" "$aside/"
done
find "$directory" -name '*.isl' -exec rm -f {} +
`;
