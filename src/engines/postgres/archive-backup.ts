import type { Readable } from 'node:stream';
import type { BackupContent, DirectoryContent, ObjectContent } from '../../backup/content.ts';
import type { BoxFile, Sandbox } from '../../sandbox/sandbox.ts';
import { DrillError } from '../../support/errors.ts';
import type { EngineBackup, StagedBackup } from '../engine.ts';
import { type ArchiveFacts, factsOfArchive } from './archive-facts.ts';
import { loadArchive } from './archive-load.ts';
import type { ArchiveToc } from './archive-toc.ts';
import type { Tool } from './box-tools.ts';
import { checkBox } from './check-box.ts';
import { readTarMembers } from './tar-members.ts';

export interface StagedArchive {
  readonly facts: ArchiveFacts;
  readonly sandbox: Sandbox;
  readonly restore: Tool;
  /** The archive inside the box: a file, or a directory. */
  readonly path: string;
  readonly createDatabase: string | undefined;
  readonly meter: BackupContent['meter'];
}

const ARCHIVE_FILE = 'backup.archive';

/** A backup that pg_restore loads: custom, directory, tar. It must seek in it, so it is brought into the box first. */
export function archiveBackup(content: BackupContent, toc: ArchiveToc, format: string): EngineBackup {
  const facts = factsOfArchive(toc, format);
  const isFile = toc.layout === 'custom';
  if (content.kind === 'directory') requireMembers(toc, new Set(content.members.keys()), content.backup.key);
  return {
    facts,
    checkBox: async (sandbox, signal) => {
      await checkBox(sandbox, facts, facts.oldestRestore, signal);
    },
    stage: async (sandbox, signal): Promise<StagedBackup> => {
      const restore = await checkBox(sandbox, facts, facts.oldestRestore, signal);
      if (!restore)
        throw new DrillError('tool-missing', 'no pg_restore was chosen', { hint: 'Please report this as a defect.' });
      const directory = `${sandbox.paths.scratch}/backup`;
      await sandbox.writeFiles(directory, filesOf(content, toc, signal), signal);
      const staged: StagedArchive = {
        facts,
        sandbox,
        restore,
        path: isFile ? `${directory}/${ARCHIVE_FILE}` : directory,
        createDatabase: toc.entries.find(({ desc }) => desc === 'DATABASE')?.defn,
        meter: content.meter,
      };
      return { load: (server, options) => loadArchive(staged, server, options) };
    },
  };
}

function filesOf(content: BackupContent, toc: ArchiveToc, signal: AbortSignal): AsyncIterable<BoxFile> {
  if (content.kind === 'directory') return directoryFiles(content, signal);
  return toc.layout === 'custom' ? archiveFile(content, signal) : tarFiles(content, toc, signal);
}

async function* archiveFile(content: ObjectContent, signal: AbortSignal): AsyncGenerator<BoxFile> {
  const sizeBytes = content.compression === 'none' ? content.backup.sizeBytes : undefined;
  yield { name: ARCHIVE_FILE, sizeBytes, content: content.stream(signal) };
}

async function* directoryFiles(content: DirectoryContent, signal: AbortSignal): AsyncGenerator<BoxFile> {
  for (const [name, { sizeBytes }] of content.members) {
    if (!/^[\w.-]+$/.test(name)) continue; // nothing that pg_dump wrote
    yield { name, sizeBytes, content: content.stream(name, signal) };
  }
}

/** A tar of pg_dump, once unpacked, is a directory archive (pg_dump's manual says so), which can be restored in parallel. */
async function* tarFiles(content: ObjectContent, toc: ArchiveToc, signal: AbortSignal): AsyncGenerator<BoxFile> {
  const names = new Set<string>();
  for await (const member of readTarMembers(content.stream(signal), signal)) {
    names.add(member.name);
    if (member.name === 'restore.sql')
      drain(member.content); // the same once more as SQL
    else yield member;
  }
  requireMembers(toc, names, content.backup.key);
}

function drain(stream: Readable): void {
  stream.resume();
}

/** @throws DrillError `backup-truncated` naming the first data file that the table of contents lists and that is not there. */
function requireMembers(toc: ArchiveToc, names: ReadonlySet<string>, key: string): void {
  const wanted = toc.entries.flatMap(({ file, hasData }) => (hasData && file ? [file] : []));
  const missing = wanted.filter((file) => !['', '.gz', '.lz4', '.zst'].some((suffix) => names.has(file + suffix)));
  const [first] = missing;
  if (first === undefined) return;
  throw new DrillError(
    'backup-truncated',
    `${key} lacks ${missing.length} of the ${wanted.length} data files that toc.dat lists, the first is ${first}`,
    {
      hint: 'The dump or its upload was cut short, or files were deleted: compare with what pg_dump wrote.',
    },
  );
}
