import type { Relation } from './catalog-rows.ts';

/** What a row of pg_class said, from a position in the log on (in bytes) until the next one of its file. */
export interface RowVersion {
  at: number;
  readonly relation: Relation;
}

/**
 * Adds the newest version. One that follows it in the log but counts from an earlier position holds from there on in place of those before it, so that
 * positions never fall: {@link versionAt} relies on that.
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
 * Pure; by bisection, because it is asked of each transaction, and a busy table has a version for each minute.
 * @returns the last one that held at the position; or, where none did yet, the first.
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
