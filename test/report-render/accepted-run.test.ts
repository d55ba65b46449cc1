import { expect, it } from 'vitest';
import { REPORT_FORMAT_KINDS } from '../../src/report/format-registry.ts';
import { failedRun } from '../support/run-records.ts';
import { sampleReport } from './sample-report.ts';

const MADE = { at: new Date('2026-11-01T09:00:00Z'), version: '0.1.0' };

it.each(['md', 'html'] as const)(
  'a %s report says what a check found, and who accepted the run and why',
  async (format) => {
    const accepted = { at: new Date('2026-10-31T12:00:00Z'), by: 'alice', reason: 'archived 2024', recurring: true };
    const details = Array.from({ length: 30 }, (_, at) => `table t${at} is gone`);
    const checks = [
      { name: 'rows', passed: false, expected: 'x', actual: 'y', durationMs: 1, details, measured: { secretly: 1 } },
    ];
    const report = sampleReport({ evidence: [failedRun({ id: '20261031-030000-orders', accepted, checks })] });
    const text = await REPORT_FORMAT_KINDS[format].render(report, MADE);
    expect(text).toContain('table t19 is gone');
    expect(text).not.toContain('table t20 is gone');
    expect(text).toContain('and 10 more');
    expect(text.replaceAll(/<[^>]+>/g, ' ')).toMatch(/Accepted:?\s+by alice, .*archived 2024/s);
    expect(text).not.toContain('secretly');
  },
);
