import { describe, inject } from 'vitest';
import { mysqlSubject } from './contract-subjects.ts';
import { describeSyntaxOn } from './syntax-suite.ts';

describe.skipIf(!inject('dockerAnswers'))('on an empty server', () => {
  for (const server of ['mysql:9.7', 'mariadb:11.8']) describeSyntaxOn(mysqlSubject('docker', server));
});
