import type { DirectoryContent, SourceFiles } from '../../../../backup/content.ts';
import type { LogArchive } from '../../../format.ts';
import type { RecordedBackup } from './backup-info.ts';
import type { RepositoryInfo } from './read-repository.ts';
import type { RepositoryEntry } from './repository-entry.ts';
import type { StagedFile } from './stage-repository.ts';

/** A backup from which recovery can start. */
export interface StartedBackup extends RecordedBackup {
  readonly start: NonNullable<RecordedBackup['start']>;
}

/** A backup in a repository whose info files have been read. */
export interface OpenedRepository {
  readonly content: DirectoryContent;
  readonly source: SourceFiles;
  readonly entry: RepositoryEntry;
  readonly info: RepositoryInfo;
  readonly backup: StartedBackup;
  /** The files that a restore stages, and their total size in bytes. */
  readonly files: readonly StagedFile[];
  readonly readBytes: number;
  readonly log: LogArchive;
  readonly major: string;
}
