import type { Definition } from './definition.ts';

/** A table in a backup that contains parts in the server's own layout. */
export interface PartedTable {
  readonly database: string;
  readonly table: string;
  readonly definition: Definition;
  readonly parts: readonly StoredPart[];
  /** The id that it is created with; undefined: the server chooses one. */
  readonly uuid?: string;
  /** Set for the table in which a materialized view stores its rows: it is created with the view. */
  readonly inner?: true;
}

/** A part, as files or as a tar of them. */
export interface StoredPart {
  /** `202601_1_1_0` */
  readonly name: string;
  /** File names in the backup, by name inside the part; empty for a part in an archive. */
  readonly files: ReadonlyMap<string, string>;
}

/** Sorts parts so that those of the same partition are in the order in which their rows were written: attaching renumbers them. */
export function inOrder(parts: readonly StoredPart[]): readonly StoredPart[] {
  return parts.toSorted((a, b) => firstBlock(a.name) - firstBlock(b.name) || (a.name < b.name ? -1 : 1));
}

/** `PARTITION_MIN_MAX_LEVEL[_MUTATION]`, or `FROM_TO_MIN_MAX_LEVEL` for old tables. Source: ClickHouse, src/Storages/MergeTree/MergeTreePartInfo.cpp. */
function firstBlock(name: string): number {
  const [, old, recent] = /^(?:\d{8}_\d{8}_(\d+)_\d+_\d+|.*?_(-?\d+)_\d+_\d+(?:_\d+)?)$/.exec(name) ?? [];
  return Number(old ?? recent ?? 0);
}
