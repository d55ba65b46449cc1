import { expect, test } from 'vitest';
import { historyRows } from '../../src/record/history-view.ts';
import { failedRun, NOON, passedRun } from '../support/run-records.ts';

const now = new Date(NOON.getTime() + 9 * 3_600_000);

test('history has one row per run, without control sequences', () => {
  const evil = failedRun({ reasons: [{ reason: 'wrong-data', sentence: 'got \u001b[2J', hint: undefined }] });
  expect(historyRows([evil, passedRun({ startedAt: now })], now)).toMatchObject([
    { state: 'failed', tone: 'bad', age: '9 h ago', sentence: 'got \\u001b[2J', startedAt: '2026-11-21T12:00:00.000Z' },
    { state: 'passed', tone: 'good', age: 'just now', sentence: '' },
  ]);
});
