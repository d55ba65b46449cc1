import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { BackupContent, DirectoryContent, ObjectContent } from '../../../../backup/content.ts';
import type { SandboxFile } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { formatBytes } from '../../../../support/quantities.ts';
import { type LogicalBackup, logicalBackup, type StagedBackup } from '../../../logical-backup.ts';
import { checkCompatibility } from '../../loading/check-compatibility.ts';
import { bootServer } from '../../server/boot.ts';
import { factsOfArchive } from './archive-facts.ts';
import { loadArchive } from './archive-load.ts';
import { ArchiveMembers } from './archive-members.ts';
import type { ArchiveToc } from './archive-toc.ts';
import { CustomBlocks } from './custom-blocks.ts';
import type { StagedArchive } from './restore-run.ts';
import { readTarMembers } from './tar-members.ts';
import { watchStream } from './watch-stream.ts';

/** Findings made while an archive is copied in. */
interface Findings {
  readonly notes: string[];
  /** Bytes of data, by entry. */
  readonly sizes: Map<number, number>;
}

const ARCHIVE_FILE = 'backup.archive';

/** A backup that pg_restore loads: custom, directory, tar. pg_restore must seek in it, so it is first copied into the sandbox. */
export function archiveBackup(content: BackupContent, toc: ArchiveToc, format: string): LogicalBackup {
  const facts = factsOfArchive(toc, format);
  const isFile = toc.layout === 'custom';
  if (content.kind === 'directory')
    new ArchiveMembers(toc, content.backup.key, content.decompress).requireListed(new Set(content.members.keys()));
  return logicalBackup({
    facts,
    needs: facts.needs,
    meter: content.meter,
    boot: bootServer,
    checkCompatibility: async (sandbox, signal) => {
      await checkCompatibility(sandbox, facts, facts.oldestRestore, signal);
    },
    stage: async (sandbox, signal): Promise<StagedBackup> => {
      const restore = await checkCompatibility(sandbox, facts, facts.oldestRestore, signal);
      if (!restore)
        throw new DrillError('tool-missing', 'no pg_restore was chosen', { hint: 'Please report this as a bug.' });
      const directory = `${sandbox.paths.scratch}/backup`;
      const notes: string[] = [];
      const sizes = new Map<number, number>();
      await sandbox.writeFiles(directory, filesOf(content, toc, { notes, sizes }, signal), signal);
      const staged: StagedArchive = {
        facts,
        sandbox,
        restore,
        path: isFile ? `${directory}/${ARCHIVE_FILE}` : directory,
        toc,
        sizes,
        createDatabase: toc.entries.find(({ desc }) => desc === 'DATABASE')?.defn,
        meter: content.meter,
        notes,
      };
      return { load: (server, options) => loadArchive(staged, server, options) };
    },
  });
}

function filesOf(
  content: BackupContent,
  toc: ArchiveToc,
  findings: Findings,
  signal: AbortSignal,
): AsyncIterable<SandboxFile> {
  if (content.kind === 'directory') return directoryFiles(content, toc, findings, signal);
  return toc.layout === 'custom'
    ? archiveFile(content, toc, findings, signal)
    : tarFiles(content, toc, findings, signal);
}

async function* archiveFile(
  content: ObjectContent,
  toc: ArchiveToc,
  findings: Findings,
  signal: AbortSignal,
): AsyncGenerator<SandboxFile> {
  const sizeBytes = content.layers.length === 0 ? content.backup.sizeBytes : undefined;
  const blocks = new CustomBlocks(toc, content.backup.key, findings.sizes);
  yield { name: ARCHIVE_FILE, sizeBytes, content: watchStream(content.stream(signal), blocks) };
  requireEnd(content, blocks.trailingBytes);
  if (blocks.trailingBytes > 0)
    findings.notes.push(
      `${content.backup.key} goes on for ${formatBytes(blocks.trailingBytes)} after the archive’s end: ignored`,
    );
}

/**
 * In a single file, bytes after the end are noise from the backup job. In joined parts they belong to something else, and it is unclear which one was meant.
 * @throws DrillError `backup-corrupt`
 */
export function requireEnd({ backup }: Pick<ObjectContent, 'backup'>, trailingBytes: number): void {
  if (trailingBytes === 0 || backup.objects.length < 2) return;
  throw new DrillError(
    'backup-corrupt',
    `${backup.key} was joined from ${backup.objects.length} files, and continues for ${formatBytes(trailingBytes)} after the archive’s end: not all of them are its parts`,
    {
      hint: 'Give each backup a name of its own, and remove the parts of earlier ones: a longer backup may have left its last parts.',
    },
  );
}

async function* directoryFiles(
  content: DirectoryContent,
  toc: ArchiveToc,
  { sizes }: Findings,
  signal: AbortSignal,
): AsyncGenerator<SandboxFile> {
  const members = new ArchiveMembers(toc, content.backup.key, content.decompress, sizes);
  for (const [name, { exactBytes: sizeBytes }] of content.members) {
    if (!/^[\w.-]+$/.test(name)) continue; // not written by pg_dump
    yield { name, sizeBytes, content: members.watch(name, sizeBytes, content.stream(name, signal)) };
  }
  members.requireWhole();
}

/** According to pg_dump's manual, a pg_dump tar is a directory archive once unpacked, and can then be restored in parallel. */
async function* tarFiles(
  content: ObjectContent,
  toc: ArchiveToc,
  { sizes }: Findings,
  signal: AbortSignal,
): AsyncGenerator<SandboxFile> {
  const members = new ArchiveMembers(toc, content.backup.key, content.decompress, sizes);
  for await (const { name, sizeBytes, content: bytes } of readTarMembers(content.stream(signal), signal)) {
    if (name === 'restore.sql') {
      drain(bytes); // the same data again as SQL
      continue;
    }
    const watched = members.watch(name, sizeBytes, bytes);
    const alias = members.aliasOf(name);
    if (alias === undefined) yield { name, sizeBytes, content: watched };
    else yield* twice(name, alias, await buffer(watched));
  }
  members.requireWhole();
}

/**
 * Writes a list of large objects, some 30 bytes each, under both of its names: pg_restore until 16 looks for its own name, later versions for the name in the
 * table of contents.
 */
function* twice(name: string, alias: string, bytes: Buffer): Generator<SandboxFile> {
  for (const each of [name, alias]) yield { name: each, sizeBytes: bytes.length, content: Readable.from([bytes]) };
}

function drain(stream: Readable): void {
  stream.resume();
}
