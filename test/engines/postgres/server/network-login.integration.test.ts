import { expect, it } from 'vitest';
import { requireSqlAccess } from '../../../../src/verify/require-sql-access.ts';
import { bytesContent } from '../../../support/fake-content.ts';
import { never, restoreInto, startSandbox } from '../restoring.ts';

const DUMP = `-- PostgreSQL database dump
CREATE ROLE shop; CREATE ROLE boss; ALTER ROLE boss CREATEROLE;
CREATE TABLE nobodys (id serial PRIMARY KEY); CREATE TYPE mood AS ENUM ('good');
CREATE FUNCTION trusted() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
CREATE TABLE shops (id int); ALTER TABLE shops OWNER TO shop;
CREATE TABLE bosses (id int); ALTER TABLE bosses OWNER TO boss;
-- PostgreSQL database dump complete
`;

it('an application may change all tables, but is not given any role that could run programs', async () => {
  await using sandbox = await startSandbox('local', '18');
  await using restored = await restoreInto(sandbox, bytesContent(Buffer.from(DUMP), 'orders.sql'));
  const { database } = restored.outcome;
  const { user } = await requireSqlAccess(restored.server).openNetworkLogin({
    database,
    access: 'write',
    signal: never,
    run: never,
  });
  const owners = await restored.ask(
    "SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
  );
  expect(owners.rows).toEqual([
    ['bosses', user],
    ['nobodys', user],
    ['shops', 'shop'],
  ]);
  const others = `SELECT pg_get_userbyid(typowner), pg_get_userbyid(proowner) FROM pg_type, pg_proc WHERE typname = 'mood' AND proname = 'trusted'`;
  expect((await restored.ask(others)).rows).toEqual([[user, user]]);
  const roles = `SELECT rolname FROM pg_roles WHERE rolname <> '${user}' AND rolname !~ '^pg_' AND pg_has_role('${user}', oid, 'MEMBER')`;
  expect((await restored.ask(roles)).rows).toEqual([['shop']]);
});
