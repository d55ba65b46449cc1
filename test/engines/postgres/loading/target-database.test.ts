import type pg from 'pg';
import { expect, it } from 'vitest';
import { createTargetDatabase } from '../../../../src/engines/postgres/loading/target-database.ts';
import type { LoadErrors } from '../../../../src/engines/sql-dump/load-errors.ts';

it.each([
  ['by copying files', 150_018, /^CREATE DATABASE "shop" .* STRATEGY = file_copy ENCODING = 'UTF8'$/],
  [
    'as it does by itself before Postgres 15',
    140_020,
    /^CREATE DATABASE "shop" .* TEMPLATE = template0 ENCODING = 'UTF8'$/,
  ],
])('a server creates the database of a dump %s', async (_how, version, statement) => {
  const asked: string[] = [];
  const query = async (sql: string) => {
    asked.push(sql);
    return { rows: [{ version }] };
  };
  const errors = { report: () => expect.fail('no locale was replaced') } as unknown as LoadErrors;
  await createTargetDatabase({ query } as unknown as pg.Client, 'shop', "CREATE DATABASE x ENCODING = 'UTF8'", errors);
  expect(asked.at(-1)).toMatch(statement);
});
