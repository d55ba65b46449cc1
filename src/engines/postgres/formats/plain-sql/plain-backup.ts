import type { ObjectContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { type LogicalBackup, logicalBackup } from '../../../logical-backup.ts';
import { checkCompatibility } from '../../loading/check-compatibility.ts';
import { bootServer } from '../../server/boot.ts';
import { PostgresServer } from '../../server/postgres-server.ts';
import { readyForExtensions } from '../../server/ready-for-extensions.ts';
import { databasesInCluster } from './databases-in-cluster.ts';
import { factsOfPlain } from './plain-facts.ts';
import { loadPlain } from './plain-load.ts';

/** Encodings in which a byte of a letter can look like a quote or a backslash: PostgreSQL accepts them only from clients and never stores them. */
const UNSAFE_ENCODINGS = /^SET client_encoding = '(BIG5|GB18030|GBK|JOHAB|SJIS|SHIFT_JIS_2004|UHC)'/im;

/** A plain SQL dump: read statement by statement and sent over the protocol, without a client program. */
export function plainBackup(content: ObjectContent, format: string): LogicalBackup {
  const unsafe = UNSAFE_ENCODINGS.exec(content.head.toString('latin1'))?.[1];
  if (unsafe) {
    throw new DrillError(
      'format-unsupported',
      `the dump is in ${unsafe}, in which letters may hold bytes of quotes: it cannot be split safely`,
      {
        hint: 'Dump with --encoding=UTF8, or in the custom format.',
      },
    );
  }
  const facts = factsOfPlain(content.head, format);
  const backup = logicalBackup({
    facts,
    needs: facts.needs,
    meter: content.meter,
    boot: bootServer,
    checkCompatibility: async (sandbox, signal) => {
      await checkCompatibility(sandbox, facts, undefined, signal);
    },
    stage: async () => ({
      load: async (server, options) => {
        const postgres = PostgresServer.of(server);
        await readyForExtensions(postgres, facts.needs.extensions, options.database ?? facts.database, options.signal);
        return await loadPlain(content, facts, postgres, options);
      },
    }),
  });
  return facts.isCluster ? { ...backup, databases: (signal) => databasesInCluster(content.stream(signal)) } : backup;
}
