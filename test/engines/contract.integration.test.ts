import { describe } from 'vitest';
import { describeEngineContract } from '../contracts/engine-contract.ts';
import { hasHostMariadb } from '../support/host-mariadb.ts';
import { mysqlSubject, postgresSubject } from './contract-subjects.ts';

if (!hasHostMariadb)
  process.stderr.write('\nSKIPPED: no MariaDB server here, so its engine is not tested on the host.\n\n');

describeEngineContract(postgresSubject('local', '18'));
describe.skipIf(!hasHostMariadb)('on the host', () => describeEngineContract(mysqlSubject('local', 'mariadb:10.11')));
