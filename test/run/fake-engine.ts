import { RELATIONAL } from '../../src/engines/capability.ts';
import type { LoadOutcome, Server } from '../../src/engines/engine.ts';
import type { Engine } from '../../src/engines/engine-descriptor.ts';
import type { TableHasher } from '../../src/engines/fingerprint.ts';
import { logicalBackup } from '../../src/engines/logical-backup.ts';
import type { SqlDescriptor } from '../../src/engines/sql-descriptor.ts';
import { fakeHasher } from '../verify/fake-hasher.ts';
import { fakeCatalog } from '../verify/fake-pool.ts';

type Step =
  | 'damage'
  | 'inspect'
  | 'checkLog'
  | 'checkCompatibility'
  | 'stage'
  | 'boot'
  | 'load'
  | 'seal'
  | 'openCheckSession'
  | 'query'
  | 'closeCheckSession'
  | 'prepareClient';

/** Called at each step; a test can make it fail or wait. */
type At = (step: Step) => Promise<void>;

interface FakeEngineOptions {
  readonly outcome?: Partial<LoadOutcome>;
  /** The result of the one check's query, which expects 599. */
  readonly answer?: number;
  /** One for each run's server. */
  readonly makeHasher?: () => TableHasher;
  /** Whether the backup's log is stored with it. */
  readonly isInRepository?: boolean;
  /** Whether it checks the log archive first. */
  readonly hasLog?: boolean;
}

export function fakeEngine(
  at: At,
  { outcome, answer = 599, makeHasher = () => fakeHasher(), isInRepository, hasLog }: FakeEngineOptions,
): Engine {
  const server: Server = {
    version: '17.11',
    connection: { kind: 'path', path: '/run/.s.PGSQL.5432' },
    prepareClient: async () => {
      await at('prepareClient');
      return ['psql', '-h', '/run', '-d', "it's; rm -rf x"];
    },
    seal: () => at('seal'),
    runProgram: async () => ({ exitCode: 127, stdout: '', stderr: '' }),
    sql: {
      openCheckSession: async () => {
        await at('openCheckSession');
        return {
          query: async () => {
            await at('query');
            return { columns: ['count'], rows: [[answer]], truncated: false };
          },
          [Symbol.asyncDispose]: () => at('closeCheckSession'),
        };
      },
      hasher: makeHasher(),
      openNetworkLogin: () => Promise.reject(new Error('no application is started')),
      openDamageSession: async () => {
        await at('damage');
        throw new Error('nothing is damaged');
      },
      openCatalog: () => fakeCatalog(),
    },
  };
  const load = async (): Promise<LoadOutcome> => {
    await at('load');
    return { database: 'orders', errorCount: 0, errors: [], ignoredCount: 0, warnings: [], ...outcome };
  };
  return {
    type: 'postgres',
    title: 'PostgreSQL',
    offers: RELATIONAL,
    imageFor: (major) => `postgres:${major}`,
    serverUser: 'postgres',
    layouts: [],
    isTarFormat: () => false,
    ...(hasLog && { sql: { checkLog: () => at('checkLog') } as unknown as SqlDescriptor }),
    inspect: async () => {
      await at('inspect');
      const backup = logicalBackup({
        facts: {
          engine: 'postgres',
          format: 'plain SQL dump',
          serverVersion: '17.11',
          dumpedBy: 'pg_dump 17.11',
          roles: [],
          database: 'orders',
          tableCount: undefined,
        },
        needs: { major: '17', extensions: [] },
        meter: { bytesRead: 0 },
        checkCompatibility: () => at('checkCompatibility'),
        stage: async () => {
          await at('stage');
          return { load };
        },
        boot: async () => {
          await at('boot');
          return server;
        },
      });
      return isInRepository ? { ...backup, bringsLog: true } : backup;
    },
  };
}
