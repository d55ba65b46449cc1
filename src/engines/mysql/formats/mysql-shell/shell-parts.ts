import type { DirectoryContent } from '../../../../backup/content.ts';
import type { BackupFacts } from '../../../format.ts';
import type { ShellFiles } from './shell-files.ts';
import type { ShellDump, ShellSchema, ShellTable } from './shell-metadata.ts';

/** A dump whose metadata has been read. */
export interface ShellParts {
  readonly content: DirectoryContent;
  readonly dump: ShellDump;
  readonly schemas: readonly ShellSchema[];
  readonly files: ShellFiles;
  /** Metadata of each table that has some, by the prefix of its file names. */
  readonly definitions: ReadonlyMap<string, ShellTable>;
  /** Row count of each table, by schema and table as JSON; empty if the dump does not record it. */
  readonly rowCounts: ReadonlyMap<string, number>;
  readonly facts: BackupFacts;
}
