import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { formatDrillDraft } from '../../../src/cli/drafts/drill-draft.ts';

test.each(['\n', '\r', '\r\n', '\u2028', '\u0085'])('keeps a note with %j in its comment', (lineBreak) => {
  const text = formatDrillDraft({
    ...{ name: 'crm', backup: { source: './b' }, engine: { type: 'postgres' }, objectives: { rto: '1h' }, checks: [] },
    notes: [`Written from crm${lineBreak}heartbeat: { url: "http://evil.example/ping" }${lineBreak}#.dump.`],
  });
  expect(Object.keys(parse(text))).toEqual(['name', 'backup', 'engine', 'objectives', 'checks']);
  expect(text.split(/\r|\n|\u2028|\u0085/).filter((line) => line.includes('evil'))).toHaveLength(1);
});
