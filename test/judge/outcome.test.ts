import { expect, test } from 'vitest';
import { exitCodeOfRun, statusOf, worstExitCode } from '../../src/judge/outcome.ts';
import { DrillError } from '../../src/support/errors.ts';

test('the worst of several exit codes wins: 130, then 64, 2, 1, 0', () => {
  const order = [130, 64, 2, 1, 0];
  for (const [index, worse] of order.entries()) {
    for (const better of order.slice(index)) {
      expect(worstExitCode([worse, better])).toBe(worse);
      expect(worstExitCode([better, worse])).toBe(worse);
    }
  }
  expect(worstExitCode([0, 0])).toBe(0);
  expect(worstExitCode([1, 137])).toBe(137);
});

test('a run exits according to how it ended, and never with 0 unless it passed', () => {
  expect(exitCodeOfRun({ status: 'completed', verdict: 'passed' })).toBe(0);
  expect(exitCodeOfRun({ status: 'completed', verdict: 'failed' })).toBe(1);
  expect(exitCodeOfRun({ status: 'completed', verdict: undefined })).toBe(1);
  expect(exitCodeOfRun({ status: 'errored', verdict: undefined })).toBe(2);
  expect(exitCodeOfRun({ status: 'running', verdict: undefined })).toBe(2);
  expect(exitCodeOfRun({ status: 'interrupted', verdict: undefined })).toBe(130);
});

test('a run is completed if and only if there is a verdict', () => {
  expect(statusOf('failed', new DrillError('backup-corrupt', 'm'))).toBe('completed');
  expect(statusOf(undefined, new DrillError('image-missing', 'm'))).toBe('errored');
  expect(statusOf(undefined, new DrillError('interrupted', 'm'))).toBe('interrupted');
  expect(statusOf(undefined, undefined)).toBe('errored');
});
