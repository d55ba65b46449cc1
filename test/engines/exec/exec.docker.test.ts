import { createDockerRuntime } from '../../../src/sandbox/docker/docker-runtime.ts';
import { describeExecOn } from './exec-suite.ts';

describeExecOn(createDockerRuntime({}), 'firedrill-test/systems:13');
