import type { DirectoryContent, SourceFiles } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import { describePhysical } from '../../recovery/describe-physical.ts';
import { findArchiveId, findBackup, listLabels, type RecordedBackup } from './backup-info.ts';
import { isPgbackrest } from './is-pgbackrest.ts';
import type { StartedBackup } from './opened-repository.ts';
import { provisionPgbackrest } from './provision-pgbackrest.ts';
import { type RepositoryInfo, readRepository } from './read-repository.ts';
import { describeType, type RepositoryEntry, readEntry } from './repository-entry.ts';
import { findRepositoryFiles } from './repository-files.ts';
import { openRepositoryLog } from './repository-log.ts';

export const pgbackrestFormat: BackupFormat = {
  recognise: (content) =>
    content.kind === 'directory' && isPgbackrest(content) ? (signal) => openPgbackrest(content, signal) : undefined,
};

async function openPgbackrest(content: DirectoryContent, signal: AbortSignal): Promise<OpenBackup> {
  signal.throwIfAborted();
  const { key } = content.backup;
  const entry = readEntry(key);
  const source = content.inSource;
  if (!entry || (source && !hasInfo(entry, source))) throw notInRepository(key, source?.description);
  if (!source) return describeAlone(entry, key);
  const info = await readRepository(entry, source, signal);
  const backup = requireBackup(entry, info);
  const [major = ''] = backup.serverVersion.split('.');
  requireReferences(entry, backup, source);
  const log = openRepositoryLog(entry, findArchive(entry, info, backup), { source, archive: info.archive });
  if (!backup.holdsLog) log.requireSegments([backup.start.segment, backup.stopSegment]);
  const files = findRepositoryFiles(entry, backup, info, source);
  const readBytes = files.reduce((sum, { file }) => sum + file.sizeBytes, 0);
  const isEncrypted = info.passphrase !== undefined;
  return {
    ...describePhysical({
      format: `pgBackRest ${describeType(entry.label)}${isEncrypted ? ' (encrypted)' : ''}`,
      serverVersion: backup.serverVersion,
      dumpedBy: `pgBackRest ${toPrintable(backup.toolVersion, 20)}`,
      major,
    }),
    bringsLog: true,
    ownLog: log.archive,
    lostNewer: findLostNewer(entry, info, source),
    readFiles: files.map(({ file }) => file),
    provision: (sandbox, options) =>
      provisionPgbackrest(
        { content, source, entry, info, backup, files, readBytes, log: log.archive, major },
        sandbox,
        options,
      ),
  };
}

/** An inspection opens a backup without the rest of its source: its path identifies it. */
function describeAlone({ label }: RepositoryEntry, key: string): OpenBackup {
  return {
    ...describePhysical({
      format: `pgBackRest ${describeType(label)}`,
      serverVersion: 'unknown',
      dumpedBy: 'pgBackRest',
      major: 'unknown',
    }),
    bringsLog: true,
    provision: async () => {
      throw notInRepository(key, undefined);
    },
  };
}

/** Whether the repository starts at the root of the source, or below. */
function hasInfo({ root, stanza }: RepositoryEntry, { files }: SourceFiles): boolean {
  return files.some(
    ({ key }) => key.startsWith(`${root}archive/${stanza}/`) || key.startsWith(`${root}backup/${stanza}/backup.info`),
  );
}

function requireBackup({ label, stanza }: RepositoryEntry, { backups }: RepositoryInfo): StartedBackup {
  const found = findBackup(backups, label);
  if (found === undefined) {
    const newest = listLabels(backups).at(-1);
    throw new DrillError(
      'backup-missing',
      `${label} is not listed in the backup.info of ${stanza}: it was not finished, or has expired`,
      {
        hint: `pgBackRest cannot restore it. ${newest === undefined ? 'The stanza has no backup' : `The newest backup is ${toPrintable(newest)}`}: look at the log of the job that runs \`pgbackrest backup\`.`,
      },
    );
  }
  if (found === 'unreadable') {
    throw new DrillError('backup-corrupt', `backup.info does not say enough about ${label} to restore it`, {
      hint: `Compare it with \`pgbackrest --stanza=${stanza} info\`.`,
    });
  }
  const { start } = found;
  if (start) return { ...found, start };
  throw new DrillError('format-unsupported', `${label} was taken from a stopped server (\`--no-online\`)`, {
    hint: 'Drill a backup of the running server: recovery begins with a position in its log.',
  });
}

/** Files of a differential or incremental backup are stored in the backups that it builds on. */
function requireReferences(
  { root, stanza, label }: RepositoryEntry,
  { references }: RecordedBackup,
  source: SourceFiles,
) {
  const keys = new Set(source.files.map(({ key }) => key));
  const missing = references.find((other) => !keys.has(`${root}backup/${stanza}/${other}/backup.manifest`));
  if (missing === undefined) return;
  throw new DrillError(
    'backup-truncated',
    `${label} builds on ${toPrintable(missing)}, which is no longer in the repository`,
    { hint: 'Take a full backup now, and find out what deleted it: only `pgbackrest expire` may delete backups.' },
  );
}

/** A backup in progress is not listed yet, and an expired one no longer is: a backup that is listed but has no manifest was lost. */
function findLostNewer({ root, stanza, label }: RepositoryEntry, { backups }: RepositoryInfo, source: SourceFiles) {
  const labels = listLabels(backups);
  const newer = labels.slice(labels.indexOf(label) + 1);
  const keys = new Set(source.files.map(({ key }) => key));
  const lost = newer.findLast((other) => !keys.has(`${root}backup/${stanza}/${other}/backup.manifest`));
  return lost === undefined
    ? undefined
    : `backup.info of ${stanza} lists ${toPrintable(lost)}, which is newer than ${label}, and the repository lacks its backup.manifest`;
}

function findArchive({ stanza, label }: RepositoryEntry, { archive }: RepositoryInfo, backup: RecordedBackup): string {
  const id = findArchiveId(archive, backup);
  if (id !== undefined) return id;
  throw new DrillError(
    'log-incomplete',
    `the archive.info of ${stanza} does not list the cluster that ${label} was taken from (PostgreSQL ${backup.serverVersion}, system ${backup.systemId})`,
    { hint: 'Check that `backup/` and `archive/` belong to the same repository and were copied together.' },
  );
}

function notInRepository(key: string, where: string | undefined): DrillError {
  const rest = where === undefined ? 'it was opened without the rest of it' : `the rest of it is not below ${where}`;
  return new DrillError('format-unsupported', `${key} is one backup of a pgBackRest repository, and ${rest}`, {
    hint: 'Set `backup.source` to the repository (`repo1-path`, which holds `archive/` and `backup/`), and `backup.match` to backup/STANZA/*.',
  });
}
