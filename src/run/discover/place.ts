import type { SourceSpec } from '../../backup/registry.ts';
import type { BackupSource } from '../../backup/source.ts';

/** Where to look for backups. */
export interface Place {
  readonly spec: SourceSpec;
  /** As the user wrote it; undefined: a drill's source, or found next to one. */
  readonly given: string | undefined;
  /** The file of the drill that uses this store, with the keys to access it; undefined: given by the user. */
  readonly origin: string | undefined;
  /** What to search instead if the credentials do not have access to all of it. */
  readonly within: readonly SourceSpec[];
}

/** Identifies a store, because two stores may have buckets of the same name. */
export function storeOf(spec: SourceSpec): string {
  return `${spec.type} ${'endpoint' in spec ? (spec.endpoint ?? '') : ''}`;
}

/** The common prefix of all keys of a source: `s3://bucket/`, `/srv/backups/`. */
export function rootOf({ description, prefix }: Pick<BackupSource, 'description' | 'prefix'>): string {
  if (prefix !== '' && description.endsWith(prefix)) return description.slice(0, -prefix.length);
  return description.endsWith('/') ? description : `${description}/`;
}

/** A place as a string that is a prefix of the address of everything below it. Contains no secrets. */
export function addressOf(spec: SourceSpec, source: Pick<BackupSource, 'description' | 'prefix'>): string {
  return `${storeOf(spec)} ${rootOf(source)}${source.prefix}`;
}
