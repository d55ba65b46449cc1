import { describe, inject } from 'vitest';
import { describeServer } from './server-suite.ts';

describe.skipIf(!inject('dockerAnswers'))('in a container', () => {
  describeServer({ runtime: 'docker', type: 'mariadb', major: '10.11' });
  describeServer({ runtime: 'docker', type: 'mariadb', major: '11.8' });
});
