import { DrillError } from '../../../support/errors.ts';
import type { BackupFacts, ServerNeeds } from '../../format.ts';
import type { Flavor } from '../flavor.ts';
import type { PlainFacts } from '../formats/plain-sql/plain-facts.ts';
import { SYSTEM_DATABASES } from '../server/system-databases.ts';
import type { DumpedServer } from './dump-tools.ts';
import { loadTraitsOf } from './load-traits.ts';

/** What a server needs, besides its version, to load a backup. */
export type BackupNeeds = Pick<PlainFacts, 'collations' | 'charsets' | 'storageEngines'>;

/** Facts from the header of a dump. */
export interface MysqlFacts extends BackupFacts {
  readonly needs: ServerNeeds;
}

/**
 * @param format human-readable, without its compression.
 * @throws DrillError `engine-mismatch` when the backup is from the other product.
 */
export function factsOf(key: string, found: PlainFacts, format: string, flavor: Flavor): MysqlFacts {
  if (found.product !== undefined)
    requireProduct(key, { product: found.product, version: found.serverVersion }, flavor);
  const own = found.databases.filter((name) => !SYSTEM_DATABASES.has(name.toLowerCase()));
  return {
    engine: flavor.type,
    format,
    serverVersion: found.serverVersion ?? 'unknown',
    dumpedBy: found.dumpedBy ?? 'unknown',
    roles: found.definers.map(({ user, host }) => `${user}@${host}`).sort(),
    database: own.length === 1 ? own[0] : undefined,
    tableCount: undefined,
    needs: { major: found.major ?? loadTraitsOf(flavor).newestMajor, extensions: [] },
  };
}

/** @throws DrillError `engine-mismatch` when a dump is from the other product. */
export function requireProduct(key: string, { product, version }: DumpedServer, flavor: Flavor): void {
  if (product === flavor.type) return;
  const of = `${product === 'mariadb' ? 'MariaDB' : 'MySQL'}${version === undefined ? '' : ` ${version}`}`;
  throw new DrillError('engine-mismatch', `${key} is a dump of ${of}, and the drill restores ${flavor.title}`, {
    hint: `Set \`engine: { type: ${product} }\`: neither reliably loads what the other writes.`,
  });
}
