import type { ObjectContent } from '../../../../backup/content.ts';
import { describeLayers } from '../../../../backup/layer.ts';
import { type LogicalBackup, logicalBackup } from '../../../logical-backup.ts';
import type { Flavor } from '../../flavor.ts';
import { factsOf } from '../../loading/backup-facts.ts';
import { checkCompatibility } from '../../loading/check-compatibility.ts';
import { loadInOwnCase } from '../../loading/letter-case.ts';
import { bootServer } from '../../server/boot.ts';
import { MysqlServer } from '../../server/mysql-server.ts';
import { readPlainFacts } from './plain-facts.ts';
import { loadPlain } from './plain-load.ts';

/** A plain SQL dump: read statement by statement and sent over the protocol, without a client program. */
export function plainBackup(content: ObjectContent, flavor: Flavor): LogicalBackup {
  const found = readPlainFacts(content.head);
  const several = found.isSeveral && found.databases.length > 1 ? ' of several databases' : '';
  const facts = factsOf(content.backup.key, found, `plain SQL dump${several}${describeLayers(content.layers)}`, flavor);
  return logicalBackup({
    facts,
    needs: facts.needs,
    meter: content.meter,
    boot: (sandbox, options) => bootServer(sandbox, flavor, options),
    checkCompatibility: (sandbox, signal) => checkCompatibility(sandbox, flavor, facts, found, signal),
    stage: async () => ({
      load: (given, options) => {
        const server = MysqlServer.of(given);
        return loadInOwnCase(
          server,
          options,
          () => loadPlain(content, { found, facts }, server, options),
          found.otherCase,
        );
      },
    }),
  });
}
