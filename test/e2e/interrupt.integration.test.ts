import { describe } from 'vitest';
import { describeInterruption } from './interruption.ts';

describe('on the local runtime', () => {
  describeInterruption('local');
});
