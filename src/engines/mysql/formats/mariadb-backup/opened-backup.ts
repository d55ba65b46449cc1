import type { BackupContent, DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import {
  type BackupInfo,
  isInfoFile,
  MAX_INFO_BYTES,
  readBackupInfo,
  readInfoText,
} from '../../xbstream/backup-info.ts';
import { namesInStream } from '../../xbstream/mbstream.ts';
import { readStreamInfo } from '../../xbstream/read-stream-info.ts';
import { readTarInfo } from '../../xbstream/read-tar-info.ts';
import { chosenStream, type StreamFile, streamIn } from '../../xbstream/stream-file.ts';
import { type Shape, shapeOf, streamIn as streamAmong } from './is-mariadb-backup.ts';

/** Where the files of a backup come from. */
export type BackupFiles =
  | { readonly shape: 'stream'; readonly stream: StreamFile }
  | { readonly shape: 'tar'; readonly tar: StreamFile }
  | { readonly shape: 'directory'; readonly content: DirectoryContent };

/** A backup whose small files have been read. */
export interface OpenedMariadbBackup {
  readonly key: string;
  readonly files: BackupFiles;
  /** undefined for a stream too large to be read for it: it is known once the stream is unpacked. */
  readonly info: BackupInfo | undefined;
}

const INCREMENTAL_NAME = /\.(?:delta|meta)(?:\.qp)?$/;

/** @throws DrillError `backup-truncated`, `backup-corrupt`, `format-unsupported` for files compressed with qpress, and what reading throws. */
export async function openMariadbBackup(content: BackupContent, signal: AbortSignal): Promise<OpenedMariadbBackup> {
  signal.throwIfAborted();
  const { key } = content.backup;
  const shape = shapeOf(content);
  requireNoQpress(key, content, shape);
  if (content.kind === 'object') {
    if (shape === 'tar') return openTar(chosenStream(content), signal);
    const stream = chosenStream(content);
    const isIncrement = namesInStream(content.head).some((name) => INCREMENTAL_NAME.test(name));
    return { key, files: { shape: 'stream', stream }, info: await readStreamInfo(stream, signal, isIncrement) };
  }
  const info = readBackupInfo(await readInfoFiles(content, signal));
  const name = shape === 'stream-in-directory' ? streamAmong([...content.members.keys()]) : undefined;
  if (name === undefined) return openPlain(content, info);
  const stream = await streamOfDirectory(content, name, signal);
  // a stream that is stored as is records more than the small files next to it
  const told = stream.tail && (await readStreamInfo(stream, signal));
  return { key, files: { shape: 'stream', stream }, info: told ?? info };
}

/** Without the rest of its source, a directory yields its members decompressed. */
async function streamOfDirectory(content: DirectoryContent, name: string, signal: AbortSignal): Promise<StreamFile> {
  const { backup, inSource, members, decompress } = content;
  const below = `${backup.key === './' ? '' : backup.key}${name}`;
  const file = inSource?.files.find(({ key }) => key.startsWith(below));
  if (inSource && file) return streamIn(inSource, file, decompress, signal);
  return {
    key: below,
    sizeBytes: members.get(name)?.sizeBytes ?? 0,
    compressedWith: undefined,
    decompress,
    open: (given) => content.streamUnwrapped(name, given),
  };
}

function openPlain(content: DirectoryContent, info: BackupInfo): OpenedMariadbBackup {
  const { key } = content.backup;
  const lacks = ['ibdata1', 'ib_logfile0', 'backup-my.cnf'].find(
    (name) => !content.members.has(name) && !content.members.has(`${name}.delta`) && !isRenamed(name, info),
  );
  if (lacks !== undefined) {
    throw new DrillError('backup-truncated', `${key} lacks ${lacks}`, {
      hint: 'It was not finished, or not all of it was uploaded: check the job that writes it.',
    });
  }
  const isIncrement = info.checkpoints?.isIncremental === true;
  if (!isIncrement && ![...content.members.keys()].some((name) => name.startsWith('mysql/')))
    throw noSystemTables(key, info.isPartial);
  return { key, files: { shape: 'directory', content }, info };
}

/** A backup of selected databases (`--databases`) may lack those that a server cannot start without. */
export function noSystemTables(key: string, isPartial: boolean): DrillError {
  return new DrillError(
    isPartial ? 'format-unsupported' : 'backup-truncated',
    isPartial
      ? `${key} is a backup of some databases only, without the database mysql: no server starts on it`
      : `${key} lacks the system tables (database mysql)`,
    { hint: 'Back up the database mysql with the others: `--databases="mysql shop"`, or all of them.' },
  );
}

/** `innodb_data_file_path` may give the first file another name, and a backup that was prepared before 10.5 has no log. */
function isRenamed(name: string, { settings, checkpoints }: BackupInfo): boolean {
  if (name === 'ibdata1') return settings?.['innodb_data_file_path']?.startsWith('ibdata1:') === false;
  return name === 'ib_logfile0' && checkpoints?.isPrepared === true;
}

async function readInfoFiles(content: DirectoryContent, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const [name, { sizeBytes }] of content.members) {
    if (isInfoFile(name) && sizeBytes <= MAX_INFO_BYTES)
      texts.set(name, await readInfoText(await content.streamUnwrapped(name, signal)));
  }
  if (![...texts.keys()].some((name) => /^(?:mariadb_backup|xtrabackup)_info$/.test(name))) {
    throw new DrillError(
      'backup-truncated',
      `${content.backup.key} lacks mariadb_backup_info (older: xtrabackup_info), which the tool writes last`,
      {
        hint: 'It was not finished, or not all of it was uploaded: check the job that writes it.',
      },
    );
  }
  return texts;
}

export async function openTar(tar: StreamFile, signal: AbortSignal): Promise<OpenedMariadbBackup> {
  const { key } = tar;
  const texts = await readTarInfo(tar, signal);
  if (![...texts.keys()].some((name) => /^(?:mariadb_backup|xtrabackup)_info$/.test(name))) {
    throw new DrillError(
      'backup-truncated',
      `${key} is a tar without mariadb_backup_info (older: xtrabackup_info), which the tool writes last`,
      {
        hint: 'The backup or its upload was cut short: check the job that writes it.',
      },
    );
  }
  return { key, files: { shape: 'tar', tar }, info: readBackupInfo(texts) };
}

/** `--compress` runs qpress on each file. MariaDB has dropped it, and no distribution ships the program. */
function requireNoQpress(key: string, content: BackupContent, shape: Shape | undefined): void {
  const names =
    content.kind === 'directory' ? [...content.members.keys()] : shape === 'stream' ? namesInStream(content.head) : [];
  const packed = names.find((name) => name.endsWith('.qp'));
  if (packed === undefined) return;
  throw new DrillError(
    'format-unsupported',
    `${key} was compressed by qpress (\`--compress\`): ${toPrintable(packed, 200)}; Firedrill does not read that`,
    {
      hint: 'Leave out `--compress`, which MariaDB has deprecated, and compress the stream: `mariadb-backup --backup --stream=mbstream | zstd`.',
    },
  );
}
