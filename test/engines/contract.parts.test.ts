import { existsSync } from 'node:fs';
import { describe } from 'vitest';
import { describeEngineContract } from '../contracts/engine-contract.ts';
import { mysqlSubject, postgresSubject } from './contract-subjects.ts';

const isHere = existsSync('/usr/sbin/mariadbd');
if (!isHere) process.stderr.write('\nSKIPPED: no MariaDB server here, so its engine is not tested on the host.\n\n');

describeEngineContract(postgresSubject('local', '18'));
describe.skipIf(!isHere)('on the host', () => describeEngineContract(mysqlSubject('local', 'mariadb:10.11')));
