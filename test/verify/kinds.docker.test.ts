import { describe, inject } from 'vitest';
import { mysqlSubject, postgresSubject } from '../engines/contract-subjects.ts';
import { describeKindsOn } from './restored/kinds-suite.ts';

describe.skipIf(!inject('dockerAnswers'))('in containers', () => {
  describeKindsOn(postgresSubject('docker', '15'));
  for (const server of ['mysql:9.7', 'mariadb:11.8']) describeKindsOn(mysqlSubject('docker', server));
});
