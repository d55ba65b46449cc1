import type { TransferMeter } from '../../../../backup/content.ts';
import type { KeyRing } from '../../../../backup/layer.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { compareVersions } from '../../../../support/versions.ts';
import { type GivenKeys, giveKeys, perhapsWrongKey } from '../../recovery/encrypted-files.ts';
import { findEncrypted } from '../../recovery/find-encrypted.ts';
import type { PhysicalBackup, Unpacked, UnpackProgress } from '../../recovery/physical-backup.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import { requireSeries } from '../../recovery/restore-physical.ts';
import type { BackupInfo } from '../../xbstream/backup-info.ts';
import { unpackStream } from '../../xbstream/unpack-stream.ts';
import { findBackupTools } from './backup-tools.ts';
import { type Chain, requireFull } from './find-chain.ts';
import { noSystemTables, type OpenedMariadbBackup } from './opened-backup.ts';
import { prepareBackup } from './prepare-backup.ts';
import { takeInfo } from './take-info.ts';
import { copyPlain, unpackTar } from './unpack-files.ts';

const WHAT = 'a backup by mariadb-backup';
/**
 * Inside the data directory: the tool renames files of new tables from one to the other, so both must be on one file system. It does not search nested folders.
 */
const INCREMENT = '.firedrill-increment';
const PARTIAL =
  'it is a backup of some databases or tables only (`--databases`, `--tables`): nothing else of the server can be recovered from it';

/**
 * @param chain the full backup and the increments on it, the chosen backup last.
 * @param keys that the drill names, for files that the server encrypted.
 */
export function mariadbBackupOf(chain: Chain, meter: TransferMeter, keys?: KeyRing): PhysicalBackup {
  const chosen = chain.at(-1) ?? chain[0];
  return {
    key: chosen.key,
    what: WHAT,
    serverVersion: chosen.info?.serverVersion,
    meter,
    checkTools: async (site, signal) => {
      requireFull(chain);
      await findBackupTools(site, signal);
    },
    unpack: (site, onDoing, signal) => unpackChain(chain, keys, site, onDoing, signal),
  };
}

/** Unpacks the full backup where the server will find it, and prepares it; then unpacks each increment next to it, applies it and removes it. */
async function unpackChain(
  chain: Chain,
  ring: KeyRing | undefined,
  site: RecoverySite,
  onDoing: UnpackProgress,
  signal: AbortSignal,
): Promise<Unpacked> {
  const { data } = site.sandbox.paths;
  const tools = await findBackupTools(site, signal);
  const warnings = new Set<string>();
  let last: BackupInfo | undefined;
  let keys: GivenKeys | undefined;
  for (const [index, link] of chain.entries()) {
    const isFull = index === 0;
    const directory = isFull ? data : `${data}/${INCREMENT}`;
    const of = chain.length === 1 ? '' : ` ${link.key}`;
    onDoing(`unpacking${of}`);
    warnAboutTar(link, warnings);
    await unpackLink(link, directory, site, tools.mbstream, signal);
    const info = await takeInfo(link.key, directory, site.sandbox, signal);
    requireFit(link, info, site);
    keys = (await keysFor(link.key, directory, info, ring, site, signal)) ?? keys;
    warnAboutTool(info, tools.version, warnings);
    onDoing(`preparing${of}`, undefined, 'replay');
    const settings = info.settings ?? last?.settings ?? {};
    await prepareBackup(
      { key: link.key, settings, keys: keys?.settings, increment: isFull ? undefined : directory, onDoing, signal },
      tools,
      site,
    ).catch((error: unknown) => {
      throw perhapsWrongKey(link.key, keys, error);
    });
    if (!isFull) await site.sandbox.exec(['rm', '-rf', directory], { signal });
    last = { ...info, settings };
  }
  await requireSystemTables(chain[0].key, site.sandbox, last, signal);
  const isPartial = last?.isPartial === true;
  if (isPartial) warnings.add(PARTIAL);
  const settings = { ...last?.settings, ...keys?.settings };
  return { warnings: [...warnings], isPartial, settings, keys, logStart: last?.logStart };
}

/** @throws DrillError what `giveKeys` throws. @returns undefined if nothing is encrypted. */
async function keysFor(
  key: string,
  directory: string,
  { hasKeys, hasEncryptedLog, settings, keyAlgorithm: algorithm }: BackupInfo,
  keys: KeyRing | undefined,
  site: RecoverySite,
  signal: AbortSignal,
): Promise<GivenKeys | undefined> {
  if (!hasKeys && !hasEncryptedLog) return undefined;
  const pageBytes = settings?.['innodb_page_size'];
  const bytes = pageBytes === undefined ? undefined : Number(pageBytes);
  const found = await findEncrypted(key, directory, bytes, site.sandbox, signal);
  const isLogEncrypted = found.isLogEncrypted || hasEncryptedLog;
  return giveKeys(key, { ...found, isLogEncrypted }, { keys, algorithm }, site, signal);
}

function unpackLink(
  { files }: OpenedMariadbBackup,
  directory: string,
  { sandbox }: RecoverySite,
  mbstream: string,
  signal: AbortSignal,
): Promise<void> {
  if (files.shape === 'stream') return unpackStream(files.stream, { directory, program: mbstream, sandbox, signal });
  if (files.shape === 'tar') return unpackTar(files.tar, directory, sandbox, signal);
  return copyPlain(files.content, directory, sandbox, signal);
}

/** Checks what was unknown before the backup was unpacked. */
function requireFit({ key, info: known }: OpenedMariadbBackup, info: BackupInfo, site: RecoverySite): void {
  if (info.serverVersion !== undefined) requireSeries(WHAT, info.serverVersion, site);
  const isIncrement = info.checkpoints?.isIncremental === true;
  if (known !== undefined || !isIncrement) return;
  throw new DrillError(
    'backup-incomplete',
    `${key} is an incremental backup, and the backups that it builds on were not searched for`,
    {
      hint: 'Store the small files that `--extra-lsndir` writes beside the stream.',
    },
  );
}

/** Size in bytes, as stored. */
const LARGE_TAR_BYTES = 256 * 2 ** 20;

function warnAboutTar({ key, files }: OpenedMariadbBackup, warnings: Set<string>): void {
  if (files.shape !== 'tar' || files.tar.sizeBytes <= LARGE_TAR_BYTES) return;
  warnings.add(
    `${key} is a tar, and was read twice, because its metadata may be at its end; a directory, or a stream with \`--extra-lsndir\`, is read once`,
  );
}

function warnAboutTool({ tool, toolVersion }: BackupInfo, version: string, warnings: Set<string>): void {
  if (toolVersion === undefined || compareVersions(version, toolVersion) >= 0) return;
  warnings.add(
    `the backup was taken by ${tool}, and the sandbox prepares it with the older ${version}: use an image as recent as the server`,
  );
}

/** @throws DrillError `format-unsupported`, `backup-truncated`. */
async function requireSystemTables(
  key: string,
  sandbox: Sandbox,
  info: BackupInfo | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { exitCode } = await sandbox.exec(['test', '-f', `${sandbox.paths.data}/mysql/db.frm`], { signal });
  if (exitCode !== 0) throw noSystemTables(key, info?.isPartial === true);
}
