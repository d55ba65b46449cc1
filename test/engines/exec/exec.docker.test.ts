import { describe, inject } from 'vitest';
import { createDockerRuntime } from '../../../src/sandbox/docker/docker-runtime.ts';
import { describeExecOn } from './exec-suite.ts';

describe.skipIf(!inject('dockerAnswers'))('exec in a container', () => {
  describeExecOn(createDockerRuntime({}), 'firedrill-test/systems:13');
});
