import type { Engine } from '../engine.ts';
import { type Flavor, mariadbFlavor, mysqlFlavor } from './flavor.ts';
import { inspectBackup } from './inspect.ts';
import { bootServer } from './server/boot.ts';

/** MySQL: dumps of mysqldump and mydumper. */
export function createMysqlEngine(): Engine {
  return engineOf(mysqlFlavor);
}

/** MariaDB: dumps of mariadb-dump (formerly mysqldump) and mydumper. */
export function createMariadbEngine(): Engine {
  return engineOf(mariadbFlavor);
}

function engineOf(flavor: Flavor): Engine {
  return {
    type: flavor.type,
    imageFor: (major) => flavor.imageFor(major),
    inspect: (content, signal) => inspectBackup(content, flavor, signal),
    boot: (sandbox, options) => bootServer(sandbox, flavor, options),
  };
}
