import type { Relation } from './catalog-rows.ts';

/** The contents of a row of pg_class, valid from a position in the log (in bytes) until the next version for its file. */
export interface RowVersion {
  at: number;
  readonly relation: Relation;
}

/**
 * Adds the newest version. If it follows another in the log but is valid from an earlier position, it replaces the versions from there on, so that positions
 * never decrease: {@link versionAt} relies on that.
 */
export function addVersion(versions: RowVersion[], added: RowVersion): void {
  for (let index = versions.length - 1; index >= 0; index -= 1) {
    const version = versions[index];
    if (!version || version.at <= added.at) break;
    version.at = added.at;
  }
  versions.push(added);
}

/**
 * Pure. Uses bisection, because it is called for each transaction, and a busy table has a version for each
 * minute.
 * @returns the last version valid at the position; the first if none was valid yet.
 */
export function versionAt<V extends { readonly at: number }>(versions: readonly V[], position: number): V | undefined {
  let [low, high] = [0, versions.length];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if ((versions[middle]?.at ?? 0) <= position) low = middle;
    else high = middle;
  }
  return versions[low];
}
