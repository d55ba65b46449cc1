import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import { REPORT_FORMAT_KINDS } from '../../src/report/format-registry.ts';
import { REGISTER_HEADS, registerRow } from '../../src/report/render/register.ts';
import { failedRun, passedRun } from '../support/run-records.ts';
import { HOSTILE } from './sample-report.ts';

const REGISTER = [
  'test_date',
  'scenario_type',
  'systems_tested_count',
  'test_passed',
  'rto_achieved',
  'rpo_achieved',
  'gaps_identified_count',
  'remediation_actions_count',
];
const AT = new Date('2026-10-03T02:15:09.500Z');
const { objectives } = passedRun();
const reason = (hint: string | undefined) => ({ reason: 'wrong-data' as const, sentence: 's', hint });

test('starts with the fields of auditors’ registers', () => {
  expect(REGISTER_HEADS.slice(0, 8)).toEqual(REGISTER);
  expect(new Set(REGISTER_HEADS).size).toBe(REGISTER_HEADS.length);
});

test.each<[string, Partial<RunRecord>, unknown[]]>([
  ['a pass', {}, ['backup_restore', 1, true, true, true, 0, 0]],
  [
    'a pass without an RPO',
    { objectives: { ...objectives, rpoMs: undefined } },
    ['backup_restore', 1, true, true, undefined, 0, 0],
  ],
  [
    'a failure that recovered nothing',
    {
      verdict: 'failed',
      recoveryTimeMs: undefined,
      dataLossMs: undefined,
      reasons: [reason('Look.'), reason(undefined)],
    },
    ['backup_restore', 1, false, false, false, 2, 1],
  ],
  [
    'a pass slower than its RTO',
    { recoveryTimeMs: objectives.rtoMs + 1 },
    ['backup_restore', 1, true, false, true, 0, 0],
  ],
  [
    'a run without a verdict',
    {
      status: 'errored',
      verdict: undefined,
      error: { code: 'disk-full', stage: 'restore', message: 'm', hint: 'Free space.', details: [] },
    },
    ['backup_restore', 1, undefined, undefined, undefined, 1, 1],
  ],
])('states what %s achieved', (_what, changes, cells) => {
  expect(registerRow(passedRun({ startedAt: AT, ...changes })).slice(0, 8)).toEqual([AT, ...cells]);
});

async function* portions(...runs: RunRecord[]): AsyncGenerator<readonly RunRecord[]> {
  for (const run of runs) yield [run];
}

async function sheetOf(...runs: RunRecord[]): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of REPORT_FORMAT_KINDS.xlsx.write(portions(...runs))) chunks.push(Buffer.from(chunk));
  const files = unzipSync(Buffer.concat(chunks));
  expect(Object.keys(files)).toEqual([
    '[Content_Types].xml',
    '_rels/.rels',
    'xl/workbook.xml',
    'xl/_rels/workbook.xml.rels',
    'xl/styles.xml',
    'xl/worksheets/sheet1.xml',
  ]);
  return new TextDecoder().decode(files['xl/worksheets/sheet1.xml']);
}

test('XLSX has a header and a row for each run, instants in UTC, numbers as numbers', async () => {
  const sheet = await sheetOf(passedRun({ startedAt: AT }), failedRun({ startedAt: AT }));
  expect(sheet.match(/<row>/g)).toHaveLength(3);
  expect(sheet).toContain('<t xml:space="preserve">test_date</t>');
  expect(sheet).toContain('<t xml:space="preserve">2026-10-03 02:15:09 UTC</t>');
  expect(sheet).toContain(`<c><v>${objectives.rtoMs}</v></c>`);
  expect(sheet).toContain('<c t="b"><v>1</v></c>');
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', HOSTILE, '\u0000\u001b[31m', 'a\ud800b', '</t></is></c>', '\uffff'])(
  'XLSX keeps %j as text in one cell',
  async (owner) => {
    const sheet = await sheetOf(passedRun({ owner }));
    const [head = 0, row = 0] = Array.from(
      sheet.matchAll(/<row>.*?<\/row>/g),
      ([text]) => text.match(/<c[ >/]/g)?.length,
    );
    expect([head, row]).toEqual([REGISTER_HEADS.length, REGISTER_HEADS.length]);
    expect(sheet).not.toMatch(/<f[ >]/);
    expect(sheet.split('\n').slice(1).join('')).not.toMatch(/\p{Cc}|\uffff/u);
    expect(sheet.isWellFormed()).toBe(true);
  },
);

test('XLSX without runs is a workbook with just the header', async () => {
  expect((await sheetOf()).match(/<row>/g)).toHaveLength(1);
});
