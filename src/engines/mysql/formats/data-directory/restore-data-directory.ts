import { pipeline, type Readable, Transform } from 'node:stream';
import type { BackupContent, DirectoryContent, TransferMeter } from '../../../../backup/content.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { copyDirectory } from '../../../physical/copy-directory.ts';
import { type GivenKeys, giveKeys } from '../../recovery/encrypted-files.ts';
import { findEncrypted } from '../../recovery/find-encrypted.ts';
import type { PhysicalBackup, Unpacked, UnpackProgress } from '../../recovery/physical-backup.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import { requireSeries } from '../../recovery/restore-physical.ts';
import type { MysqlServer } from '../../server/mysql-server.ts';
import { logOf } from './binary-logs.ts';
import { type CopiedFiles, lookAtCopy } from './look-at-copy.ts';
import { type NewestPage, PageWatch } from './newest-page.ts';
import { type DataDirectoryInfo, requireFiles } from './read-data-directory.ts';
import { unpackCopy } from './unpack-copy.ts';

const WHAT = 'a copy of a data directory';

/** Describes a copy for its recovery. The server does the rest: its crash recovery makes a snapshot consistent. */
export function copyOf(content: BackupContent, info: DataDirectoryInfo, meter: TransferMeter): PhysicalBackup {
  const watch = new PageWatch(info.system?.pageSize);
  return {
    key: content.backup.key,
    what: WHAT,
    serverVersion: info.serverVersion,
    meter,
    unpack: (site, onDoing, signal) => unpack(content, { info, watch }, site, onDoing, signal),
    findFlaws: async (server, signal) => {
      const flaw = laterThanLog(watch.newest, await readLogEnd(server, signal));
      return flaw === undefined ? [] : [flaw];
    },
  };
}

/** The current end of the server's log, as a log sequence number. */
function readLogEnd(server: MysqlServer, signal: AbortSignal): Promise<bigint | undefined> {
  return server.administer(signal, async (session) => {
    const [row] = await session.ask('SHOW ENGINE INNODB STATUS');
    const written = /^Log sequence number\s+(\d+)/m.exec(row?.[2] ?? '')?.[1];
    return written === undefined ? undefined : BigInt(written);
  });
}

/**
 * A page is written only after the log record of its change, so a page that is newer than the log is from a different moment. @returns a human-readable
 * description of the problem.
 */
function laterThanLog(newest: NewestPage | undefined, logEnd: bigint | undefined): string | undefined {
  if (newest === undefined || logEnd === undefined || newest.lsn <= logEnd) return undefined;
  return `page ${newest.page} of ${toPrintable(newest.file, 200)} was changed at LSN ${newest.lsn}, and the log in the copy ends at ${logEnd}: the files are from different moments, as in a copy of a running server without a snapshot, or the page is damaged`;
}

async function unpack(
  content: BackupContent,
  { info, watch }: { readonly info: DataDirectoryInfo; readonly watch: PageWatch },
  site: RecoverySite,
  onDoing: UnpackProgress,
  signal: AbortSignal,
): Promise<Unpacked> {
  const { sandbox } = site;
  const { key } = content.backup;
  if (content.kind === 'object') await unpackCopy(content, watch, sandbox, signal);
  else await copyDirectory(watched(content, watch), sandbox.paths.data, { sandbox, signal });
  onDoing('inspecting the files');
  const copy = await lookAtCopy(key, sandbox, signal);
  requireFiles(key, [...copy.files.keys()], site.flavor.type);
  const keys = site.flavor.type === 'mariadb' ? await keysFor(content, copy, watch, site, signal) : undefined;
  const version = copy.serverVersion ?? info.serverVersion;
  if (version !== undefined && info.serverVersion === undefined) requireSeries(WHAT, version, site);
  const log = logOf(copy);
  return {
    warnings: copy.warnings,
    settings: {
      ...layoutOf(copy.files),
      ...(copy.pageSize === undefined ? {} : { innodb_page_size: String(copy.pageSize) }),
      ...log.settings,
      ...keys?.settings,
    },
    keys,
    logStart: log.start,
    ownLog: log.newest,
    usedLogs: log.used,
  };
}

/** Encrypted tables were detected as the files streamed past. */
async function keysFor(
  content: BackupContent,
  { pageSize, isLogEncrypted }: CopiedFiles,
  watch: PageWatch,
  { sandbox, ...site }: RecoverySite,
  signal: AbortSignal,
): Promise<GivenKeys | undefined> {
  if (watch.encrypted === undefined && !isLogEncrypted) return undefined;
  const { key } = content.backup;
  const found = await findEncrypted(key, sandbox.paths.data, pageSize, sandbox, signal);
  const first = found.first ?? watch.encrypted?.replace(/^\.\//, '');
  return giveKeys(key, { ...found, first }, { keys: content.inSource?.keys }, { sandbox, ...site }, signal);
}

/** The same directory, with every page inspected as it is read. */
function watched(content: DirectoryContent, watch: PageWatch): DirectoryContent {
  return {
    ...content,
    stream: (name, signal) => {
      const look = watch.watch(name);
      const stream = content.stream(name, signal);
      return look ? compose(stream, look) : stream;
    },
  };
}

function compose(stream: Readable, look: (chunk: Buffer) => void): Readable {
  const passing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      look(chunk);
      done(null, chunk);
    },
  });
  pipeline(stream, passing, () => undefined); // the error reaches whoever reads
  return passing;
}

/**
 * Settings derived from the files themselves: the files of the system tablespace if there are several, and the number of undo tablespaces on MariaDB, named
 * `undo001` and so on. MySQL's are named `undo_001`, and the server finds them.
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
