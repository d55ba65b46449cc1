import type { SourceSpec } from '../../backup/registry.ts';
import type { BackupSource } from '../../backup/source.ts';

/** Where to look for backups. */
export interface Place {
  readonly spec: SourceSpec;
  /** As the user wrote it; undefined: from a drill, or found beside one. */
  readonly given: string | undefined;
  /** The file of a drill whose store it is, with the keys to reach it; undefined: given by the user. */
  readonly origin: string | undefined;
  /** What to look at instead where the credentials do not reach all of it. */
  readonly within: readonly SourceSpec[];
}

/** Two stores may have a bucket of the same name. */
export function storeOf(spec: SourceSpec): string {
  return `${spec.type} ${'endpoint' in spec ? (spec.endpoint ?? '') : ''}`;
}

/** What all keys of a source are below: `s3://bucket/`, `/srv/backups/`. */
export function rootOf({ description, prefix }: Pick<BackupSource, 'description' | 'prefix'>): string {
  if (prefix !== '' && description.endsWith(prefix)) return description.slice(0, -prefix.length);
  return description.endsWith('/') ? description : `${description}/`;
}

/** A place as a text that begins like those of everything below it. Holds no secret. */
export function addressOf(spec: SourceSpec, source: Pick<BackupSource, 'description' | 'prefix'>): string {
  return `${storeOf(spec)} ${rootOf(source)}${source.prefix}`;
}
