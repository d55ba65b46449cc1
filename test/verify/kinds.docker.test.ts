import { describe, inject } from 'vitest';
import { mysqlSubject, postgresSubject } from '../engines/contract-subjects.ts';
import { describeKindsOn } from './restored/kinds-suite.ts';

describe.skipIf(!inject('dockerAnswers'))('in containers', () => {
  for (const major of ['15', '17']) describeKindsOn(postgresSubject('docker', major));
  for (const server of ['mysql:9.7', 'mariadb:10.11', 'mariadb:11.8']) describeKindsOn(mysqlSubject('docker', server));
});
