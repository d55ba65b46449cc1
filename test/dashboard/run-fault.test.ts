import { expect, it } from 'vitest';
import { describeFault } from '../../src/dashboard/run-fault.ts';

const reasonOf = (reason: 'wrong-data' | 'too-slow') => ({ reason, sentence: 'x', hint: undefined });
const run = { status: 'completed', verdict: 'failed', reasons: [], endedBy: 'itself' } as const;

it.each([
  [{ ...run, reasons: [reasonOf('wrong-data')] }, 'The data in the backup, or a check with a wrong expectation.'],
  [
    { ...run, reasons: [reasonOf('wrong-data'), reasonOf('too-slow'), reasonOf('too-slow')] },
    'The data in the backup, or a check with a wrong expectation. Recovery: the data was recovered, but too late.',
  ],
  [
    { ...run, status: 'errored', verdict: undefined },
    'The drill: its configuration or environment. Nothing is known about the backup.',
  ],
  [{ ...run, status: 'interrupted', verdict: undefined, endedBy: 'user' }, 'It was canceled. There is no verdict.'],
  [{ ...run, verdict: 'passed' }, undefined],
  [{ ...run, status: 'running', verdict: undefined }, undefined],
] as const)('%j', (judged, sentence) => {
  expect(describeFault(judged)).toBe(sentence);
});
