import { describe, expect, it } from 'vitest';
import { PsqlVariables } from '../../../../../src/engines/postgres/formats/plain-sql/psql-variables.ts';
import { cpuMsOf } from '../../../../support/cpu-time.ts';

describe('PsqlVariables', () => {
  const variables = new PsqlVariables();
  for (const command of [
    '\\set ON_ERROR_STOP on',
    "\\set who 'shop'",
    '\\set n 2',
    '\\set größe 3',
    '\\set gone 1',
    '\\unset gone',
  ])
    variables.note(command);

  it.each([
    ['CREATE TABLE :who.t (id int)', 'who'],
    ['CREATE TABLE :"who".t (id int)', 'who'],
    ["SELECT :'who'::text", 'who'],
    ['SELECT :{?n}', 'n'],
    ["SELECT 'it''s :no', :n", 'n'],
    ['SELECT a[1:n]', 'n'],
    ['SELECT :größe', 'größe'],
    [String.raw`SELECT E'\':n', :who`, 'who'],
  ])('finds variables that psql replaces: %s', (sql, name) => {
    expect(variables.usedIn(Buffer.from(sql))).toBe(name);
  });

  it.each([
    "SELECT ':who', 'a''b :n'",
    'SELECT ":who"',
    'SELECT 1::n',
    'SELECT 1 -- :who\n',
    'SELECT 1 /* :who */',
    'DO $$ BEGIN x := :n; END $$',
    'CREATE FUNCTION f() AS $body$ :who $body$',
    'SELECT :gone, :other, :ON_ERROR_STOP',
    'SELECT :whose',
  ])('finds none where psql replaces none: %s', (sql) => {
    expect(variables.usedIn(Buffer.from(sql))).toBeUndefined();
  });

  it('finds none when no variable is set', () => {
    expect(new PsqlVariables().usedIn(Buffer.from('SELECT :who'))).toBeUndefined();
  });

  it.each([
    ['names with dollar signs', Array.from({ length: 20_000 }, (_, index) => `x$${index}$`).join(', ')],
    ['comments that seem to have no end', String.raw`'a\'${'/* '.repeat(50_000)}`],
    ['a long string', `E'${'a'.repeat(2_000_000)}'`],
  ])('reads hostile statements in linear time: %s', (_title, values) => {
    const statement = Buffer.from(`INSERT INTO t VALUES (${values})`);
    const readIt = () => expect(variables.usedIn(statement)).toBeUndefined();
    expect(cpuMsOf(readIt)).toBeLessThan(2000);
  });

  it('treats dollar signs within a name as part of it', () => {
    expect(variables.usedIn(Buffer.from('SELECT a$b$, :n, c$b$'))).toBe('n');
  });
});
