import { describe } from 'vitest';
import { postgresSubject } from '../engines/contract-subjects.ts';
import { describeKindsOn } from './restored/kinds-suite.ts';

describe('on the host', () => describeKindsOn(postgresSubject('local', '18')));
