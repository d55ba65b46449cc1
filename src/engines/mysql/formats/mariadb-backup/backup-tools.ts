import { DrillError } from '../../../../support/errors.ts';
import { versionIn } from '../../../../support/versions.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import { requireSeries } from '../../recovery/restore-physical.ts';

/** Programs in the sandbox, with their paths. */
export interface BackupTools {
  readonly program: string;
  readonly mbstream: string;
  /** `11.8.9`. */
  readonly version: string;
}

/**
 * Finds mariadb-backup next to the server. It prepares a backup with its own version of InnoDB, so it must be of the server's series as well.
 * @throws DrillError `tool-missing`, `version-unsupported`.
 */
export async function findBackupTools(site: RecoverySite, signal: AbortSignal): Promise<BackupTools> {
  const { sandbox } = site;
  const argv = ['sh', '-c', SEARCH, 'search', ...sandbox.binDirs];
  const { stdout } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  const [program = '', banner = '', mbstream = ''] = (stdout.split('\n')[0] ?? '').split('\t');
  const version = versionIn(banner, 3);
  if (version === undefined || mbstream === '') {
    throw new DrillError(
      'tool-missing',
      `${sandbox.provenance.name} lacks mariadb-backup and mbstream, which restore such backups`,
      {
        hint: 'Use `--runtime docker` (the image `mariadb` has them), or install them (Debian: `apt-get install mariadb-backup`).',
      },
    );
  }
  requireSeries('mariadb-backup', version, site);
  return { program, mbstream, version };
}

/** Prints a line for the first pair found: the program, its banner, mbstream. */
const SEARCH = `
IFS=:
for dir in "$@" $PATH; do
  for name in mariadb-backup mariabackup; do
    [ -x "$dir/$name" ] || continue
    [ -x "$dir/mbstream" ] || continue
    banner=$("$dir/$name" --no-defaults --version 2>&1 | tr '\\t\\n' '  ')
    printf '%s\\t%s\\t%s\\n' "$dir/$name" "$banner" "$dir/mbstream"
    exit
  done
done
`;
