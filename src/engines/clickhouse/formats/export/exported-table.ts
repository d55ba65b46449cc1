import type { Definition } from '../parts/definition.ts';
import type { ExportName } from './export-names.ts';

export interface ExportFile extends ExportName {
  /** Its member of the backup. */
  readonly name: string;
  /** As stored. */
  readonly sizeBytes: number;
}

/** A table of an export. */
export interface ExportedTable {
  readonly database: string;
  readonly table: string;
  /** undefined: it is made as its first file describes it. */
  readonly definition: Definition | undefined;
  /** In the order of their names; empty for what is defined only. */
  readonly files: readonly ExportFile[];
}
