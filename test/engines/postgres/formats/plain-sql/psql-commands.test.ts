import { describe, expect, it } from 'vitest';
import { readPsqlCommand } from '../../../../../src/engines/postgres/formats/plain-sql/psql-commands.ts';

describe('psql commands in a dump', () => {
  it.each([
    ['\\connect shop', 'shop'],
    ['\\c Shop', 'Shop'],
    ['\\connect "my-app"', 'my-app'],
    ['\\connect "a ""b"" c"', 'a "b" c'],
    ["\\connect 'it''s'", "it's"],
    ['\\connect shop postgres localhost 5432', 'shop'],
    [`\\connect -reuse-previous=on "dbname='my-app'"`, 'my-app'],
    [`\\connect -reuse-previous=on "dbname='a ""b\\'c\\\\d=e'"`, `a "b'c\\d=e`],
    [`\\connect "host=db port=5432 dbname=shop"`, 'shop'],
    ['\\connect postgres://me@db/my%20shop?sslmode=require', 'my shop'],
    ['\\connect -', undefined],
    ['\\c', undefined],
  ])('%s connects to %s', (text, database) => {
    expect(readPsqlCommand(text)).toEqual({ kind: 'connect', database });
  });

  it.each(['\\set ON_ERROR_STOP on', '\\echo done', '\\timing', '\\pset pager off', '\\unset x', '\\dt+', '\\r'])(
    '%s has no effect on a drill',
    (text) => {
      expect(readPsqlCommand(text)).toEqual({ kind: 'harmless' });
    },
  );

  it.each([
    ['\\! rm -rf /', '\\!'],
    ["\\copy t from program 'id'", '\\copy'],
    ['\\i /etc/passwd', '\\i'],
    ['\\o |id', '\\o'],
    ['\\gexec', '\\gexec'],
    ['\\if true', '\\if'],
    ['\\set x `id`', '\\set'],
    ['\\set AUTOCOMMIT off', '\\set AUTOCOMMIT'],
  ])('%s is not run, and is reported as %s', (text, name) => {
    expect(readPsqlCommand(text)).toEqual({ kind: 'acts', name });
  });

  it.each(['\\N\t1\t2', '\\.', '\\x41\\x42', '\\ foo', '\\zebra'])('%s is not a command', (text) => {
    expect(readPsqlCommand(text)).toEqual({ kind: 'stray' });
  });

  it('state the restriction key and the encoding name', () => {
    expect(readPsqlCommand('\\restrict abc\r')).toEqual({ kind: 'restrict', key: 'abc' });
    expect(readPsqlCommand('\\unrestrict abc')).toEqual({ kind: 'unrestrict', key: 'abc' });
    expect(readPsqlCommand('\\encoding SQL_ASCII')).toEqual({ kind: 'encoding', name: 'SQL_ASCII' });
    expect(readPsqlCommand("\\encoding '; DROP TABLE a'")).toEqual({ kind: 'encoding', name: '' });
  });
});
