import type { ObjectContent } from '../../../../backup/content.ts';
import { describeLayers } from '../../../../backup/layer.ts';
import type { LogicalBackup } from '../../../logical-backup.ts';
import type { Flavor } from '../../flavor.ts';
import { factsOf } from '../../loading/backup-facts.ts';
import { mysqlBackup } from '../../loading/mysql-backup.ts';
import { databasesInDump } from './databases-in-dump.ts';
import { readPlainFacts } from './plain-facts.ts';
import { loadPlain } from './plain-load.ts';

/** A plain SQL dump: read statement by statement and sent over the protocol, without a client program. */
export function plainBackup(content: ObjectContent, flavor: Flavor): LogicalBackup {
  const found = readPlainFacts(content.head);
  const several = found.isSeveral && found.databases.length > 1 ? ' of several databases' : '';
  const facts = factsOf(content.backup.key, found, `plain SQL dump${several}${describeLayers(content.layers)}`, flavor);
  const backup = mysqlBackup(flavor, {
    facts,
    found,
    meter: content.meter,
    otherCase: found.otherCase,
    coordinates: found.coordinates,
    load: (server, options) => loadPlain(content, { found, facts }, server, options),
  });
  return found.isSeveral ? { ...backup, databases: (signal) => databasesInDump(content.stream(signal)) } : backup;
}
