import { describe, inject } from 'vitest';
import { describeInterruption } from './interruption.ts';

describe.skipIf(!inject('dockerAnswers'))('in Docker', () => {
  describeInterruption('docker');
});
