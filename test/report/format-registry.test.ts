import { expect, test } from 'vitest';
import {
  formatWithExtension,
  RENDERED_FORMATS,
  REPORT_FORMAT_KINDS,
  REPORT_FORMATS,
} from '../../src/report/format-registry.ts';

test('a format is called by its first extension, and no two share one', () => {
  for (const format of REPORT_FORMATS) expect(REPORT_FORMAT_KINDS[format].extensions[0]).toBe(format);
  const extensions = REPORT_FORMATS.flatMap((format) => REPORT_FORMAT_KINDS[format].extensions as readonly string[]);
  expect(new Set(extensions).size).toBe(extensions.length);
});

test('an output file tells the format by its extension, in any case', () => {
  const asked = ['html', 'HTM', 'md', 'Markdown', 'json', 'csv', 'pdf', ''];
  expect(asked.map(formatWithExtension)).toEqual(['html', 'html', 'md', 'md', 'json', 'csv', undefined, undefined]);
});

test('mails carry the formats that render the report, not the one that exports its runs', () => {
  expect(RENDERED_FORMATS).toEqual(['html', 'md', 'json']);
});
