import { expect, test } from 'vitest';
import {
  formatWithExtension,
  RENDERED_FORMATS,
  REPORT_FORMAT_KINDS,
  REPORT_FORMATS,
} from '../../src/report/format-registry.ts';

test('a format is named by its first extension, which is unique', () => {
  for (const format of REPORT_FORMATS) expect(REPORT_FORMAT_KINDS[format].extensions[0]).toBe(format);
  const extensions = REPORT_FORMATS.flatMap((format) => REPORT_FORMAT_KINDS[format].extensions as readonly string[]);
  expect(new Set(extensions).size).toBe(extensions.length);
});

test('the extension of an output file selects the format, in any case', () => {
  const asked = ['html', 'HTM', 'md', 'Markdown', 'json', 'csv', 'pdf', 'XLSX', 'docx', ''];
  expect(asked.map(formatWithExtension)).toEqual([
    'html',
    'html',
    'md',
    'md',
    'json',
    'csv',
    'pdf',
    'xlsx',
    undefined,
    undefined,
  ]);
});

test('emails offer the formats that render the report, not the one that exports its runs', () => {
  expect(RENDERED_FORMATS).toEqual(['html', 'pdf', 'md', 'json']);
});
