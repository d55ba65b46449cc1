import { expect, it } from 'vitest';
import { z } from 'zod';
import { mapping, wholeNumber } from '../../src/config/fields.ts';
import { reportIssues } from '../../src/config/report-issues.ts';
import { readYaml } from '../../src/config/yaml-file.ts';

/** Three kinds of mapping, distinguished by their keys. */
const schema = mapping({
  item: z.union(
    [
      mapping({ name: z.string(), sql: z.string() }),
      mapping({ name: z.string(), rows: wholeNumber(1, 9), below: z.number().optional() }),
      mapping({ name: z.string(), latency: z.string(), limit: z.number() }),
    ],
    {
      error: 'needs sql or rows',
    },
  ),
});

it.each([
  ['item: { name: a, rows: 0 }', 'item.rows: must be a whole number from 1 to 9, not 0'],
  ['item: { name: a, sql: b, rowz: 1 }', 'item: "rowz" is not known here; did you mean "rows"? (allowed: name, sql)'],
  ['item: { name: a }', 'item: needs sql or rows'],
  [
    'item: { name: a, rows: 1, limit: 2, below: 3 }',
    'item: "limit" is not known here; it goes with "latency" (allowed: name, rows, below)',
  ],
  [
    'item: { name: a, rows: 1, below: 3, sql: b }',
    'item: "sql" is not known here; use "rows" or "sql", not both (allowed: name, rows, below)',
  ],
  [
    'item: { name: a, rows: 1, belw: 3 }',
    'item: "belw" is not known here; did you mean "below"? (allowed: name, rows, below)',
  ],
])('names the kind that %s is expected to be', (text, expected) => {
  const yaml = readYaml('d.yaml', Buffer.from(text));
  const parsed = schema.safeParse(yaml.value);
  const problems = reportIssues('d.yaml', yaml, schema, parsed.error?.issues ?? []);
  expect(problems.map(({ key, message }) => `${key}: ${message}`)).toEqual([expected]);
});
