import type { DirectoryContent, ObjectContent, TransferMeter } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { FREE_UP_SPACE } from '../../../../support/free-up-space.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { seriesOf, versionIn } from '../../../../support/versions.ts';
import { copyDirectory } from '../../../physical/copy-directory.ts';
import type { PhysicalBackup, Unpacked, UnpackProgress } from '../../recovery/physical-backup.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import { requireSeries } from '../../recovery/restore-physical.ts';
import type { BackupInfo } from '../../xbstream/backup-info.ts';
import { chosenStream, type StreamFile } from '../../xbstream/stream-file.ts';
import { unpackStream } from '../../xbstream/unpack-stream.ts';
import { takeInfo } from '../mariadb-backup/take-info.ts';
import { unpackTar } from '../mariadb-backup/unpack-files.ts';

const WHAT = 'a backup by XtraBackup';
const UNTESTED = 'restoring backups by XtraBackup was never tested against XtraBackup itself';
const MIB = 2 ** 20;

/** Source of the files. */
export type XtrabackupFiles =
  | { readonly shape: 'stream'; readonly stream: StreamFile }
  | { readonly shape: 'tar'; readonly content: ObjectContent }
  | { readonly shape: 'directory'; readonly content: DirectoryContent };

interface OpenedXtrabackup {
  readonly key: string;
  readonly info: BackupInfo | undefined;
  readonly meter: TransferMeter;
  /** Whether the tool compressed each file. */
  readonly isPacked: boolean;
  /** Whether a server can start on the files as they are. */
  readonly isPrepared: boolean;
}

interface Programs {
  readonly xtrabackup: string;
  readonly xbstream: string;
}

/** Describes a full backup for its recovery: the sandbox's own tool decompresses and prepares it. */
export function xtrabackupOf(files: XtrabackupFiles, opened: OpenedXtrabackup): PhysicalBackup {
  return {
    key: opened.key,
    what: WHAT,
    serverVersion: opened.info?.serverVersion,
    meter: opened.meter,
    checkTools: async (site, signal) => {
      if (needsPrograms(files, opened)) await findPrograms(opened, site, signal);
    },
    unpack: (site, onDoing, signal) => unpack(files, opened, site, onDoing, signal),
  };
}

/** The tool itself unpacks streams, decompresses and prepares. */
function needsPrograms({ shape }: XtrabackupFiles, { isPrepared }: OpenedXtrabackup): boolean {
  return shape === 'stream' || !isPrepared;
}

async function unpack(
  files: XtrabackupFiles,
  opened: OpenedXtrabackup,
  site: RecoverySite,
  onDoing: UnpackProgress,
  signal: AbortSignal,
): Promise<Unpacked> {
  const { key } = opened;
  const { sandbox, boot } = site;
  const { data } = sandbox.paths;
  const programs = needsPrograms(files, opened) ? await findPrograms(opened, site, signal) : undefined;
  const run = async (...options: readonly string[]): Promise<void> => {
    if (programs)
      await runTool(key, [programs.xtrabackup, '--no-defaults', ...options, `--target-dir=${data}`], site, signal);
  };
  onDoing('unpacking');
  if (files.shape === 'stream' && programs)
    await unpackStream(files.stream, { directory: data, program: programs.xbstream, sandbox, signal });
  else if (files.shape === 'tar') await unpackTar(chosenStream(files.content), data, sandbox, signal);
  else if (files.shape === 'directory') await copyDirectory(files.content, data, { sandbox, signal });
  if (opened.isPacked) {
    onDoing('decompressing');
    await run('--decompress', '--remove-original');
  }
  const info = await takeInfo(key, data, sandbox, signal);
  if (info.serverVersion !== undefined) requireSeries(WHAT, info.serverVersion, site);
  if (!opened.isPrepared) {
    onDoing('preparing', undefined, 'replay');
    await run('--prepare', `--use-memory=${Math.max(96, Math.round(boot.memoryBytes / MIB / 2))}M`);
  }
  const { innodb_undo_tablespaces: _found, ...settings } = info.settings ?? {}; // MySQL finds them itself
  return { warnings: [UNTESTED], isPartial: info.isPartial, settings, logStart: info.logStart };
}

/** @throws DrillError `tool-missing` naming the required version, `version-unsupported`. */
async function findPrograms({ info }: OpenedXtrabackup, site: RecoverySite, signal: AbortSignal): Promise<Programs> {
  const { sandbox, tools } = site;
  const argv = ['sh', '-c', SEARCH, 'search', ...sandbox.binDirs];
  const { stdout } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  const [xtrabackup = '', banner = '', xbstream = ''] = (stdout.split('\n')[0] ?? '').split('\t');
  const version = versionIn(banner, 3);
  if (version !== undefined && xbstream !== '') {
    requireSeries('xtrabackup', version, site);
    return { xtrabackup, xbstream };
  }
  const series = seriesOf(info?.serverVersion ?? tools.version, 2);
  const of = info?.tool === undefined ? '' : `, which was taken by ${info.tool}`;
  throw new DrillError(
    'tool-missing',
    `${sandbox.provenance.name} lacks xtrabackup and xbstream ${series}, which restore this backup${of}`,
    {
      hint: `Name an image that has MySQL ${series} and Percona XtraBackup ${series} in \`engine.image\`, or drill a dump beside it.`,
    },
  );
}

/** Prints one line: the program, its banner, xbstream. */
const SEARCH = `
IFS=:
for dir in "$@" $PATH; do
  [ -x "$dir/xtrabackup" ] && [ -x "$dir/xbstream" ] || continue
  banner=$("$dir/xtrabackup" --no-defaults --version 2>&1 | tr '\\t\\n' '  ')
  printf '%s\\t%s\\t%s\\n' "$dir/xtrabackup" "$banner" "$dir/xbstream"
  exit
done
`;

async function runTool(
  key: string,
  argv: readonly string[],
  { sandbox }: RecoverySite,
  signal: AbortSignal,
): Promise<void> {
  const said: string[] = [];
  const onStderrLine = (line: string): void => {
    said.push(line);
    if (said.length > 40) said.shift();
  };
  const { exitCode } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C', TZ: 'UTC' }, onStderrLine });
  if (exitCode === 0) return;
  const details = said.slice(-8).map((line) => toPrintable(line, 300));
  if (/no space left|error number 28\b/i.test(said.join('\n'))) {
    throw new DrillError('disk-full', `the sandbox is full: ${key} could not be prepared`, {
      hint: FREE_UP_SPACE,
      details,
    });
  }
  throw new DrillError('backup-corrupt', `${key} cannot be prepared: xtrabackup ended with exit code ${exitCode}`, {
    hint: 'Drill an older backup with `--backup`, and take a new one.',
    details,
  });
}
