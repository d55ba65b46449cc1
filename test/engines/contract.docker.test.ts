import { describe, inject } from 'vitest';
import { describeEngineContract } from '../contracts/engine-contract.ts';
import { mysqlSubject, postgresSubject } from './contract-subjects.ts';

describe.skipIf(!inject('dockerAnswers'))('in containers', () => {
  describeEngineContract(postgresSubject('docker', '17'));
  for (const server of ['mysql:9.7', 'mariadb:11.8']) describeEngineContract(mysqlSubject('docker', server));
});
