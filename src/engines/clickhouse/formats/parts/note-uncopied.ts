import type { Definition } from './definition.ts';

/** Engines that store rows in files that FREEZE skips. */
const NOT_FROZEN = /\bENGINE\s*=\s*(\w*Log|Set|Join|EmbeddedRocksDB)\b/;

/**
 * An empty table with such an engine does not indicate damage, but its rows are not in the backup, so a warning must say so.
 * @param definition of a table without parts.
 */
export function noteUncopied(definition: Definition): Definition {
  const engine = definition.kind === 'table' ? NOT_FROZEN.exec(definition.create())?.[1] : undefined;
  return engine === undefined
    ? definition
    : withChange(definition, `without rows: FREEZE does not copy tables of the engine ${engine}`);
}

export function withChange(definition: Definition, change: string): Definition {
  return { ...definition, changes: [...definition.changes, change] };
}
