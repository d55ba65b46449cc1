import { DrillError } from '../../../support/errors.ts';
import type { CommandAccess } from '../../command-access.ts';

export interface DatabaseKeys {
  readonly keys: number;
  /** Number of those keys that cannot expire: neither the key nor its fields have an expiry. */
  readonly lasting: number;
}

/** What a restored server reports about its keys. */
export interface Keyspace {
  /** While loading: keys loaded, and keys dropped because they had expired. */
  readonly loaded: number;
  readonly expired: number;
  /** Size of the append-only file that it has read and writes to; NaN if it has none. */
  readonly appendOnlyBytes: number;
  /** Current keys of each non-empty database. */
  readonly databases: ReadonlyMap<string, DatabaseKeys>;
}

/** @throws DrillError `server-failed` if the server is still loading, or does not answer. */
export async function readKeyspace(client: CommandAccess, signal: AbortSignal): Promise<Keyspace> {
  const ask = async (...command: readonly string[]) => (await client.run(command, { maxBytes: 2 ** 20, signal })).text;
  const pong = await ask('PING');
  const persistence = await ask('INFO', 'persistence');
  if (pong !== 'PONG' || numberOf(persistence, 'loading') !== 0) {
    throw new DrillError('server-failed', 'the server answers, but has not loaded its data');
  }
  return {
    loaded: numberOf(persistence, 'rdb_last_load_keys_loaded'),
    expired: numberOf(persistence, 'rdb_last_load_keys_expired'),
    appendOnlyBytes: numberOf(persistence, 'aof_current_size'),
    databases: readDatabases(await ask('INFO', 'keyspace')),
  };
}

/** `db0:keys=5000,expires=0,avg_ttl=0`, with `subexpiry` in Redis from 7.4 and `keys_with_volatile_items` in Valkey from 9: hashes whose fields expire. */
export function readDatabases(text: string): ReadonlyMap<string, DatabaseKeys> {
  const lines = text.matchAll(/^db(\d+):keys=(\d+)(.*)$/gm);
  return new Map(
    [...lines].map(([, database = '', keys, rest = '']) => {
      const expiring = rest.matchAll(/,(?:expires|subexpiry|keys_with_volatile_items)=(\d+)/g);
      const lasting = [...expiring].reduce((left, [, count]) => left - Number(count), Number(keys));
      return [database, { keys: Number(keys), lasting: Math.max(0, lasting) }];
    }),
  );
}

function numberOf(text: string, field: string): number {
  return Number(new RegExp(`^${field}:(-?\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
}
