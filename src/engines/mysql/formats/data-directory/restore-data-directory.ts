import type { BackupContent, TransferMeter } from '../../../../backup/content.ts';
import { copyDirectory } from '../../../physical/copy-directory.ts';
import type { PhysicalBackup, Unpacked, UnpackProgress } from '../../recovery/physical-backup.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import { requireSeries } from '../../recovery/restore-physical.ts';
import { logOf } from './binary-logs.ts';
import { lookAtCopy } from './look-at-copy.ts';
import { type DataDirectoryInfo, requireFiles } from './read-data-directory.ts';
import { unpackCopy } from './unpack-copy.ts';

const WHAT = 'a copy of a data directory';

/** What the recovery of a copy has to know of it. The server does the rest: its crash recovery makes a snapshot consistent. */
export function copyOf(content: BackupContent, info: DataDirectoryInfo, meter: TransferMeter): PhysicalBackup {
  return {
    key: content.backup.key,
    what: WHAT,
    serverVersion: info.serverVersion,
    meter,
    unpack: (site, onDoing, signal) => unpack(content, info, site, onDoing, signal),
  };
}

async function unpack(
  content: BackupContent,
  info: DataDirectoryInfo,
  site: RecoverySite,
  onDoing: UnpackProgress,
  signal: AbortSignal,
): Promise<Unpacked> {
  const { sandbox } = site;
  const { key } = content.backup;
  if (content.kind === 'object') await unpackCopy(content, sandbox, signal);
  else await copyDirectory(content, sandbox.paths.data, { sandbox, signal });
  onDoing('looking at the files');
  const copy = await lookAtCopy(key, sandbox, signal);
  requireFiles(key, [...copy.files.keys()]);
  const version = copy.serverVersion ?? info.serverVersion;
  if (version !== undefined && info.serverVersion === undefined) requireSeries(WHAT, version, site);
  const log = logOf(copy);
  return {
    warnings: [...copy.warnings, ...log.warnings],
    settings: {
      ...layoutOf(copy.files),
      ...(copy.pageSize === undefined ? {} : { innodb_page_size: String(copy.pageSize) }),
      ...log.settings,
    },
    logStart: log.start,
  };
}

/**
 * Settings that the files themselves tell: the files of the system tablespace where there are several, and how many undo tablespaces MariaDB has, which
 * are `undo001` and so on. MySQL's are `undo_001`, and found by the server.
 */
export function layoutOf(files: ReadonlyMap<string, number>): Readonly<Record<string, string>> {
  const system = [...files]
    .filter(([name]) => /^ibdata\d+$/.test(name))
    .toSorted(([a], [b]) => numberIn(a) - numberIn(b));
  const undo = [...files.keys()].filter((name) => /^undo\d{3}$/.test(name)).length;
  const path = system.map(
    ([name, size], index) => `${name}:${size}${index === system.length - 1 ? ':autoextend' : ''}`,
  );
  return {
    ...(system.length > 1 ? { innodb_data_file_path: path.join(';') } : {}),
    ...(undo > 0 ? { innodb_undo_tablespaces: String(undo) } : {}),
  };
}

function numberIn(name: string): number {
  return Number(/\d+$/.exec(name)?.[0] ?? 0);
}
