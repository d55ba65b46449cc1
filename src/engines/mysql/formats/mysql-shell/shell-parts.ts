import type { DirectoryContent } from '../../../../backup/content.ts';
import type { BackupFacts } from '../../../format.ts';
import type { ShellFiles } from './shell-files.ts';
import type { ShellDump, ShellSchema } from './shell-metadata.ts';

/** A dump whose metadata has been read. */
export interface ShellParts {
  readonly content: DirectoryContent;
  readonly dump: ShellDump;
  readonly schemas: readonly ShellSchema[];
  readonly files: ShellFiles;
  /** Of each table, by schema and table as JSON; empty where the dump does not record it. */
  readonly rowCounts: ReadonlyMap<string, number>;
  readonly facts: BackupFacts;
}
