import type { ErrorCode } from '../../../../support/errors.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { formatBytes } from '../../../../support/quantities.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import { pathsIn, prepareUnpacked } from '../../recovery/unpack-tars.ts';
import { tooOld } from './find-pgbackrest.ts';
import { HONEST, LEADS_OUT, SUSPECT } from './manifest-escapes.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { stageFiles } from './stage-repository.ts';

/**
 * Stages what of the repository the backup needs into the sandbox, and lets pgBackRest restore it there, which compares each file with its
 * checksum. Through a network it would ask for each file by itself, and takes half as long again.
 * @returns warnings. @throws DrillError `backup-truncated`, `backup-corrupt`, `version-unsupported`, `disk-full`, `restore-failed`, what reading throws.
 */
export async function restoreRepository(
  opened: OpenedRepository & { readonly toolVersion: string },
  site: RecoverySite,
  onDoing: (doing: string, ratio?: number) => void,
  signal: AbortSignal,
): Promise<string[]> {
  const { sandbox } = site;
  const { scratch, data } = sandbox.paths;
  const repository = `${scratch}/repository`;
  const { source, files, readBytes } = opened;
  const doing = `fetching ${opened.entry.label} (${formatBytes(readBytes)})`;
  onDoing(doing, 0);
  await stageFiles(files, repository, {
    source,
    sandbox,
    onStaged: (bytes) => onDoing(doing, readBytes > 0 ? bytes / readBytes : 1),
    signal,
  });
  await refuseEscapes(opened, site, repository, signal);
  onDoing('restoring with pgBackRest');
  await runRestore(opened, site, repository, signal);
  const argv = [data, `${scratch}/${BY_NAME}`, pathsIn(site).tablespaces, repository];
  const { exitCode, stderr } = await sandbox.exec(['sh', '-c', TAKE_OVER, 'take-over', ...argv], { signal });
  if (exitCode !== 0)
    throw failed(opened, 'backup-corrupt', 'its tablespaces are not where pgBackRest puts them', readable(stderr));
  return prepareUnpacked({ key: opened.content.backup.key, isVerified: true }, site, onDoing, signal);
}

const BY_NAME = 'tablespaces-by-name';

/** pgBackRest writes to whatever path a manifest names. One that is encrypted may hold any bytes, and only who has the key can write one. */
async function refuseEscapes(
  opened: OpenedRepository,
  { sandbox }: RecoverySite,
  repository: string,
  signal: AbortSignal,
): Promise<void> {
  if (opened.info.passphrase) return;
  const { stanza, label } = opened.entry;
  const directory = `${repository}/backup/${stanza}/${label}`;
  const argv = ['sh', '-c', FIND_ESCAPES, 'find-escapes', directory, LEADS_OUT, SUSPECT, HONEST];
  const { exitCode } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  if (exitCode !== 0) return;
  throw failed(opened, 'backup-corrupt', 'its manifest names a file outside of the data directory: refused', []);
}

/** Ends with 0 when there is one. */
const FIND_ESCAPES = `
cd "$1"
{
  grep -a -h -E "$2" backup.manifest backup.manifest.copy
  grep -a -h -E "$3" backup.manifest backup.manifest.copy | grep -a -v -E "$4"
} 2> /dev/null | grep -a -q ''
`;

async function runRestore(
  opened: OpenedRepository & { readonly toolVersion: string },
  { sandbox, boot }: RecoverySite,
  repository: string,
  signal: AbortSignal,
): Promise<void> {
  const { entry, info } = opened;
  const { scratch, data } = sandbox.paths;
  const { exitCode, stdout } = await sandbox.exec(
    [
      ...[
        'pgbackrest',
        '--no-config',
        `--stanza=${entry.stanza}`,
        `--set=${entry.label}`,
        '--type=none',
        '--archive-mode=off',
      ],
      ...[`--repo1-path=${repository}`, `--pg1-path=${data}`, `--tablespace-map-all=${scratch}/${BY_NAME}`],
      ...[`--lock-path=${scratch}/pgbackrest`, `--log-path=${scratch}/pgbackrest`, '--log-level-file=off'],
      ...['--log-level-console=warn', '--log-level-stderr=off', `--process-max=${Math.max(1, Math.floor(boot.cpus))}`],
      'restore',
    ],
    {
      signal,
      env: {
        LC_ALL: 'C',
        PGBACKREST_JOB_RETRY: '0', // what is not there will not come
        ...(info.passphrase && {
          PGBACKREST_REPO1_CIPHER_TYPE: 'aes-256-cbc',
          PGBACKREST_REPO1_CIPHER_PASS: firstLine(info.passphrase.text),
        }),
      },
    },
  );
  if (exitCode !== 0) throw explainRestore(opened, stdout, { exitCode, where: sandbox.provenance.name });
}

/** As the host decrypts with it. */
function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}

const NUMBERS: Readonly<Record<string, readonly [code: ErrorCode, what: string]>> = {
  '029': ['backup-corrupt', 'a file of it is damaged'],
  '055': ['backup-truncated', 'a file of it is missing'],
};

/** Source of the numbers: pgBackRest's src/build/error/error.yaml. Its output may hold bytes of the repository: no line with other than plain text is shown. */
export function explainRestore(
  opened: Pick<OpenedRepository, 'content' | 'major'> & { readonly toolVersion: string },
  output: string,
  { exitCode, where }: { readonly exitCode: number; readonly where: string },
): DrillError {
  const details = readable(output);
  const number = /ERROR: \[(\d{3})\]/.exec(output)?.[1] ?? '';
  if (/no space left/i.test(output)) {
    return failed(
      opened,
      'disk-full',
      'the sandbox is full',
      details,
      'Free space where the engine keeps its volumes: the backup is needed there twice, as it is stored and as it is restored.',
    );
  }
  if (/invalid PostgreSQL version/.test(output)) return tooOld(opened.toolVersion, opened.major, where);
  const known = NUMBERS[number];
  if (known) return failed(opened, known[0], known[1], details);
  const isDamage = /\b(?:checksum|FormatError|CryptoError|unexpected eof|lz4|zst|gz|bz2)\b/i.test(output);
  if (isDamage) return failed(opened, 'backup-corrupt', 'a file of it is damaged', details);
  return failed(
    opened,
    'restore-failed',
    `pgBackRest ${opened.toolVersion} ended with exit code ${exitCode}`,
    details,
    'Read its lines below. Where the repository was written by a newer version, install that one in the image.',
  );
}

function failed(
  { content }: Pick<OpenedRepository, 'content'>,
  code: ErrorCode,
  what: string,
  details: readonly string[],
  hint = 'Run `pgbackrest verify` on the repository, check its storage, and take a new full backup.',
): DrillError {
  return new DrillError(code, `${content.backup.key} cannot be restored: ${what}`, { hint, details });
}

function readable(output: string): string[] {
  return output
    .split('\n')
    .filter((line) => line.trim() !== '' && /^[\t\x20-\x7e]*$/.test(line))
    .slice(0, 8)
    .map((line) => toPrintable(line.trim(), 400));
}

/** pgBackRest makes links to tablespaces under their names; here they are under their OIDs, and the map tells the server. */
const TAKE_OVER = `
set -eu
umask 077
data=$1 named=$2 spaces=$3 repository=$4
rm -rf "$repository"
mkdir -p "$spaces"
rm -f "$data/tablespace_map"
for link in "$data"/pg_tblspc/*; do
  [ -L "$link" ] || continue
  oid=\${link##*/} target=$(readlink "$link")
  case $oid in *[!0-9]*) exit 1 ;; esac
  case $target in */../* | */..) exit 1 ;; "$named"/*) ;; *) exit 1 ;; esac
  rm "$link"
  mv "$target" "$spaces/$oid"
  printf '%s %s\\n' "$oid" "\${target#"$named"/}" >> "$data/tablespace_map"
done
`;
