import { formatBytes } from '../../../../support/quantities.ts';
import type { StepBytes } from '../../../engine.ts';
import type { RunOptions } from '../../../format.ts';
import { MIN_SEGMENTS_AHEAD } from '../../log/log-room.ts';
import type { Unpacked } from '../../recovery/physical-backup.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import type { UnpackListener } from '../../recovery/unpack-listener.ts';
import { pathsIn, prepareUnpacked } from '../../recovery/unpack-tars.ts';
import { chooseAccess } from './choose-access.ts';
import { withGateway } from './gateway/with-gateway.ts';
import { ANNOTATION, HONEST, LEADS_OUT, SUSPECT } from './manifest-escapes.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { segmentIn } from './repository-log.ts';
import { BY_NAME, failed, readable, runPgbackrest } from './run-pgbackrest.ts';
import { stageFiles } from './stage-repository.ts';

/** A repository to restore from, and the drill's settings for that. */
export type RepositoryToRestore = OpenedRepository &
  Pick<RunOptions, 'repositoryAccess' | 'onAccess'> & { readonly toolVersion: string };

/**
 * Lets pgBackRest restore in the sandbox, verifying the checksum of each file: from a copy of the files that the backup needs, or through a gateway. Over a
 * network it requests each file separately, which takes several times as long.
 * @throws DrillError `backup-truncated`, `backup-corrupt`, `version-unsupported`, `disk-full`, `restore-failed`, `sandbox-refused`, `tool-missing`, what
 * reading throws.
 */
export async function restoreRepository(
  opened: RepositoryToRestore,
  site: RecoverySite,
  onDoing: UnpackListener,
  signal: AbortSignal,
): Promise<Unpacked> {
  const { sandbox } = site;
  const { scratch, data } = sandbox.paths;
  const repository = `${scratch}/repository`;
  const { source, files, readBytes, backup } = opened;
  const { restoredBytes } = backup;
  const logBytes = logBytesBeside(opened);
  const needs = { source, sandbox, asked: opened.repositoryAccess, storedBytes: readBytes, restoredBytes, logBytes };
  const access = await chooseAccess(needs, signal);
  opened.onAccess?.(access.how);
  const isStaged = access.kind === 'staged';
  const toStage = isStaged ? files : files.filter(({ name }) => MANIFEST.test(name));
  const bytes = toStage.reduce((sum, { file }) => sum + file.sizeBytes, 0);
  const doing = `fetching ${opened.entry.label} (${formatBytes(bytes)})`;
  const onStaged = (done: number) => onDoing(doing, { step: { done, total: bytes } });
  onStaged(0);
  await stageFiles(toStage, repository, { source, sandbox, onStaged, signal });
  await refuseEscapes(opened, site, repository, signal);
  if (isStaged) {
    const tell = (step: StepBytes | 'unknown') => onDoing('restoring with pgBackRest', { step });
    const onRestored = (share: number) =>
      restoredBytes !== undefined && tell({ done: Math.round(share * restoredBytes), total: restoredBytes });
    tell('unknown'); // until it reports its progress
    await runPgbackrest(opened, site, { path: repository, options: [], env: {}, onRestored }, signal);
  } else {
    const options = { sandbox, access, onDoing, signal };
    await withGateway(opened, options, (from) => runPgbackrest(opened, site, from, signal));
  }
  const argv = [data, `${scratch}/${BY_NAME}`, pathsIn(site).tablespaces, repository];
  const { exitCode, stderr } = await sandbox.exec(['sh', '-c', TAKE_OVER, 'take-over', ...argv], { signal });
  if (exitCode !== 0)
    throw failed(opened, 'backup-corrupt', 'its tablespaces are not where pgBackRest puts them', readable(stderr));
  return prepareUnpacked({ key: opened.content.backup.key, isVerified: true }, site, onDoing, signal);
}

const USUAL_SEGMENT_BYTES = 16 * 1024 * 1024;

/** The segments that are fetched however little space is left, at the usual size: the actual size is read from the first one's head later. */
function logBytesBeside({ log, backup }: OpenedRepository): number {
  const { segment } = backup.start;
  const ahead = log.files.filter(({ key }) => segmentIn(key) >= segment).length;
  return Math.min(ahead, MIN_SEGMENTS_AHEAD) * USUAL_SEGMENT_BYTES;
}

const MANIFEST = /\/backup\.manifest(?:\.copy)?$/;

/** pgBackRest writes to any path in a manifest. An encrypted manifest may contain any bytes, but only someone with the key can write one. */
async function refuseEscapes(
  opened: OpenedRepository,
  { sandbox }: RecoverySite,
  repository: string,
  signal: AbortSignal,
): Promise<void> {
  if (opened.info.passphrase) return;
  const { stanza, label } = opened.entry;
  const directory = `${repository}/backup/${stanza}/${label}`;
  const argv = ['sh', '-c', FIND_ESCAPES, 'find-escapes', directory, LEADS_OUT, SUSPECT, HONEST, ANNOTATION];
  const { exitCode } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  if (exitCode !== 0) return;
  throw failed(opened, 'backup-corrupt', 'its manifest names a file outside of the data directory: refused', []);
}

/** Exits with 0 if there is one. */
const FIND_ESCAPES = `
cd "$1"
{
  grep -a -h -E "$2" backup.manifest backup.manifest.copy
  grep -a -h -E "$3" backup.manifest backup.manifest.copy | grep -a -v -E "$4" | grep -a -v -E "$5"
} 2> /dev/null | grep -a -q ''
`;

/** pgBackRest creates links to tablespaces under their names; here they are under their OIDs, and the map tells the server. */
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
