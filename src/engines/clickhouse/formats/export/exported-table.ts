import type { Definition } from '../parts/definition.ts';
import type { ExportName } from './export-names.ts';

export interface ExportFile extends ExportName {
  /** Name of its member in the backup. */
  readonly name: string;
  /** In bytes, as stored. */
  readonly sizeBytes: number;
}

/** A table of an export. */
export interface ExportedTable {
  readonly database: string;
  readonly table: string;
  /** undefined: it is created as its first file describes it. */
  readonly definition: Definition | undefined;
  /** Sorted by name; empty if there is only a definition. */
  readonly files: readonly ExportFile[];
}
