import { expect, it } from 'vitest';
import { z } from 'zod';
import { mapping, wholeNumber } from '../../src/config/fields.ts';
import { reportIssues } from '../../src/config/report-issues.ts';
import { readYaml } from '../../src/config/yaml-file.ts';

/** Two kinds of mapping, told apart by their keys. */
const schema = mapping({
  item: z.union(
    [mapping({ name: z.string(), sql: z.string() }), mapping({ name: z.string(), rows: wholeNumber(1, 9) })],
    {
      error: 'needs sql or rows',
    },
  ),
});

it.each([
  ['item: { name: a, rows: 0 }', 'item.rows: must be a whole number from 1 to 9, not 0'],
  [
    'item: { name: a, sql: b, rowz: 1 }',
    'item: "rowz" is not known here; did you mean "rows"? (allowed: name, sql, rows)',
  ],
  ['item: { name: a }', 'item: needs sql or rows'],
])('names the kind that %s is expected to be', (text, expected) => {
  const yaml = readYaml('d.yaml', Buffer.from(text));
  const parsed = schema.safeParse(yaml.value);
  const problems = reportIssues('d.yaml', yaml, schema, parsed.error?.issues ?? []);
  expect(problems.map(({ key, message }) => `${key}: ${message}`)).toEqual([expected]);
});
