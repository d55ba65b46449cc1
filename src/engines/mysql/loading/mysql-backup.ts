import type { TransferMeter } from '../../../backup/content.ts';
import type { LoadOptions, LoadOutcome } from '../../engine.ts';
import { type LogicalBackup, logicalBackup } from '../../logical-backup.ts';
import type { Flavor } from '../flavor.ts';
import type { PlainFacts } from '../formats/plain-sql/plain-facts.ts';
import { checkStart } from '../log/check-start.ts';
import { coordinatesHint, type LogCoordinates } from '../log/start-coordinates.ts';
import { bootServer } from '../server/boot.ts';
import { MysqlServer } from '../server/mysql-server.ts';
import type { MysqlFacts } from './backup-facts.ts';
import { checkCompatibility } from './check-compatibility.ts';
import { loadInOwnCase, type OtherCase } from './letter-case.ts';
import { loadAndReplay } from './load-and-replay.ts';

/** Where the formats of MySQL and MariaDB differ once a backup has been read. */
export interface MysqlBackupParts {
  readonly facts: MysqlFacts;
  /** Facts from the SQL itself. */
  readonly found: PlainFacts;
  readonly meter: TransferMeter;
  /** Evidence from the beginning of the dump that the server ignored the case of names; undefined: none, or not checked. */
  readonly otherCase?: OtherCase | undefined;
  /** Position in the server's log at which the backup was taken; undefined: not stated. */
  readonly coordinates?: LogCoordinates | undefined;
  load(server: MysqlServer, options: LoadOptions): Promise<LoadOutcome>;
}

/** A backup that the harness reads and sends over the protocol, without a client program: nothing is copied into the sandbox. */
export function mysqlBackup(
  flavor: Flavor,
  { facts, found, meter, otherCase, coordinates, load }: MysqlBackupParts,
): LogicalBackup {
  const backup = logicalBackup({
    facts,
    needs: facts.needs,
    meter,
    boot: (sandbox, options) => bootServer(sandbox, flavor, options),
    checkCompatibility: (sandbox, signal) => checkCompatibility(sandbox, flavor, facts, found, signal),
    stage: async () => ({
      load: (given, options) => {
        const server = MysqlServer.of(given);
        return loadAndReplay(server, { coordinates, database: facts.database }, options, (loading) =>
          loadInOwnCase(server, loading, () => load(server, loading), otherCase),
        );
      },
    }),
  });
  if (coordinates) {
    return {
      ...backup,
      replaysLog: true,
      checkLog: (log, target, signal) => checkStart(log, { product: flavor.type, coordinates }, target, signal),
    };
  }
  return { ...backup, logHint: coordinatesHint(facts.dumpedBy) };
}
