import type { Definition } from '../parts/definition.ts';
import type { ExportedTable, ExportFile } from './exported-table.ts';

/** Engines that store rows in files, where the next process finds them. */
const KEEPS_ROWS = /MergeTree$|Log$|^(?:Join|Set|EmbeddedRocksDB)$/;

/**
 * Rows that were read through a view, a dictionary or a Distributed table are in the underlying tables, or on another server, unless a view stores rows of its
 * own. A table in memory would have lost its rows by the first check.
 */
export function filesToLoad({ definition, files }: ExportedTable): readonly ExportFile[] {
  if (definition?.kind === 'dictionary') return [];
  if (definition?.kind === 'view') return /\bENGINE\s*=/.test(definition.create()) ? files : [];
  return rowlessEngine(definition) === undefined ? files : [];
}

/** @returns the engine of a table that stores no rows here; undefined for any other, and for one without a definition. */
export function rowlessEngine(definition: Definition | undefined): string | undefined {
  if (definition?.kind !== 'table') return undefined;
  const engine = /\bENGINE\s*=\s*(\w+)/.exec(definition.create().replaceAll(TEXT, "''"))?.[1];
  return engine === undefined || KEEPS_ROWS.test(engine) ? undefined : engine;
}

/** Comments and defaults may contain anything. */
const TEXT = /'(?:[^'\\]|\\.)*'/gs;
