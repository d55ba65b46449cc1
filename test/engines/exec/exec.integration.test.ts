import { ALL_ENGINES } from '../../../src/engines/registry.ts';
import { createLocalRuntime } from '../../../src/sandbox/local/runtime.ts';
import { describeExecOn } from './exec-suite.ts';

describeExecOn(createLocalRuntime({ engines: ALL_ENGINES }), 'none');
