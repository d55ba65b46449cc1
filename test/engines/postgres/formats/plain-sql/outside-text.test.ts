import { describe, expect, it } from 'vitest';
import { DumpCompletion } from '../../../../../src/engines/postgres/formats/plain-sql/dump-completion.ts';
import { OutsideText } from '../../../../../src/engines/postgres/formats/plain-sql/outside-text.ts';
import { LoadErrors } from '../../../../../src/engines/sql-dump/load-errors.ts';

/** What is reported for text after a complete dump. */
function afterDump(text: string): { errors: readonly string[]; warnings: readonly string[] } {
  const errors = new LoadErrors([]);
  const completion = new DumpCompletion();
  completion.header('database', 1);
  completion.trailer('database');
  new OutsideText(errors, completion).note({
    kind: 'fragment',
    bytes: Buffer.from(text),
    line: 9,
  });
  return errors.outcome('shop');
}

describe('text after a complete dump', () => {
  it.each([
    'pg_dump: error: connection to server at "db" failed: FATAL:  database "crm" does not exist\n',
    '/usr/lib/postgresql/17/bin/pg_dump: error: query failed: ERROR:  canceling statement\n',
    'pg_dumpall: error: pg_dump failed on database "crm", exiting\n',
    'pg_dump: [archiver (db)] connection to database "crm" failed: FATAL:  no such database\n',
  ])('fails when it says that another dump failed: %j', (text) => {
    expect(afterDump(text)).toMatchObject({
      errors: [expect.stringContaining('line 9: after a whole dump the file says that another one failed: "')],
      warnings: [],
    });
  });

  it.each(['pod "dumper" deleted\n', 'pg_dump: warning: there are circular foreign keys\n', 'SELECT 1'])(
    'is a warning otherwise: %j',
    (text) => {
      expect(afterDump(text)).toMatchObject({ errors: [], warnings: [expect.stringContaining('continues with')] });
    },
  );
});
