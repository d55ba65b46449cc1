import type { DirectoryContent } from '../../../../backup/content.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import type { LogArchive, ProvisionOptions, Restoration } from '../../../format.ts';
import { withStoredLog } from '../../log/stored-log.ts';
import type { BackupPart } from '../../recovery/backup-part.ts';
import type { PhysicalBackup } from '../../recovery/physical-backup.ts';
import { readTablespaceMap } from '../../recovery/prepare-directory.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import { provisionPhysical } from '../../recovery/restore-physical.ts';
import { pathsIn, prepareUnpacked } from '../../recovery/unpack-tars.ts';
import { unpackAtOnce } from './unpack-at-once.ts';
import type { WalGInfo } from './wal-g-info.ts';

export interface OpenedWalG {
  readonly content: DirectoryContent;
  readonly info: WalGInfo;
  readonly parts: readonly BackupPart[];
  /** The log stored with the server's backups. */
  readonly log: LogArchive | undefined;
  readonly major: string;
}

const UNTESTED =
  'read as WAL-G’s source describes its layout: this was never tested against a backup that WAL-G itself wrote';

/** Checks the sandbox's server. A log named by the drill replaces the one stored with the backup. */
export async function provisionWalG(
  { content, info, parts, log, major }: OpenedWalG,
  sandbox: Sandbox,
  options: ProvisionOptions,
): Promise<Restoration> {
  const { key } = content.backup;
  const backup: PhysicalBackup = {
    key,
    major,
    label: info.label,
    meter: content.meter,
    unpack: async (site, onDoing, signal) => {
      const onPart = (name: string) => onDoing(`unpacking ${name}`);
      await unpackAtOnce({ key, parts }, site, onPart, signal);
      await moveTablespaces(key, site, signal);
      const { warnings, isVerified } = await prepareUnpacked({ key }, site, onDoing, signal);
      return { warnings: [UNTESTED, ...warnings], isVerified };
    },
  };
  return withStoredLog(await provisionPhysical(backup, sandbox, options), log, undefined);
}

/** WAL-G stores the files of a tablespace where its link would be. */
async function moveTablespaces(key: string, site: RecoverySite, signal: AbortSignal): Promise<void> {
  const { sandbox } = site;
  const { data, tablespaces } = pathsIn(site);
  const map = await sandbox.exec(['sh', '-c', READ_MAP, 'map', data], { signal });
  if (map.exitCode !== 0) {
    throw new DrillError('backup-corrupt', `${key} holds a link: refused`, {
      hint: 'WAL-G stores files and directories only: check who can write to the source.',
    });
  }
  const oids = readTablespaceMap(map.stdout).map(({ oid }) => oid);
  if (oids.length === 0) return;
  const argv = ['sh', '-c', MOVE, 'move', data, tablespaces, ...oids];
  const { exitCode } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  if (exitCode === 0) return;
  throw new DrillError('backup-corrupt', `${key}: its tablespaces are not where WAL-G puts them, in pg_tblspc`, {
    hint: 'Compare it with another backup, and take a new one.',
  });
}

/** Nothing is read or moved through a link. */
const READ_MAP = `
[ -z "$(find "$1" -type l -print | head -n 1)" ] || exit 1
cat "$1/tablespace_map" 2> /dev/null || true
`;

const MOVE = `
set -eu
umask 077
data=$1 spaces=$2
shift 2
mkdir -p "$spaces"
for oid in "$@"; do
  [ ! -d "$data/pg_tblspc/$oid" ] || mv "$data/pg_tblspc/$oid" "$spaces/$oid"
done
`;
