import type { Definition } from './definition.ts';

/** A table of a backup that holds parts as a server keeps them. */
export interface PartedTable {
  readonly database: string;
  readonly table: string;
  readonly definition: Definition;
  readonly parts: readonly StoredPart[];
  /** The id that it is created with; undefined: the server chooses one. */
  readonly uuid?: string;
  /** Set for the table in which a materialized view keeps its rows: it is created with the view. */
  readonly inner?: true;
}

/** A part, as files or as a tar of them. */
export interface StoredPart {
  /** `202601_1_1_0` */
  readonly name: string;
  /** By their names within the part, those of the backup; empty for a part in an archive. */
  readonly files: ReadonlyMap<string, string>;
}

/** In the order in which their rows were written, where parts of one partition follow each other: attaching numbers them anew. */
export function inOrder(parts: readonly StoredPart[]): readonly StoredPart[] {
  return parts.toSorted((a, b) => firstBlock(a.name) - firstBlock(b.name) || (a.name < b.name ? -1 : 1));
}

/** `PARTITION_MIN_MAX_LEVEL[_MUTATION]`, and of old tables `FROM_TO_MIN_MAX_LEVEL`. Source: ClickHouse, src/Storages/MergeTree/MergeTreePartInfo.cpp. */
function firstBlock(name: string): number {
  const [, old, recent] = /^(?:\d{8}_\d{8}_(\d+)_\d+_\d+|.*?_(-?\d+)_\d+_\d+(?:_\d+)?)$/.exec(name) ?? [];
  return Number(old ?? recent ?? 0);
}
