import { describe, expect, it } from 'vitest';
import { RestoreOutput } from '../../../../../src/engines/postgres/formats/archive/restore-output.ts';
import { LoadErrors } from '../../../../../src/engines/sql-dump/load-errors.ts';

function read(text: string, exitCode: number, allowed: RegExp[] = []) {
  const errors = new LoadErrors(allowed);
  const output = new RestoreOutput(errors);
  for (const line of text.split('\n')) output.readLine(line);
  output.finish(exitCode);
  return errors.outcome('shop');
}

const TWO_ERRORS = `pg_restore: connecting to database for restore
pg_restore: creating TABLE "public.a"
pg_restore: while PROCESSING TOC:
pg_restore: from TOC entry 215; 1259 16386 TABLE a postgres
pg_restore: error: could not execute query: ERROR:  relation "a" already exists
Command was: CREATE TABLE public.a (
    id integer
);


pg_restore: processing data for table "public.a"
pg_restore: from TOC entry 3360; 0 16386 TABLE DATA a postgres
pg_restore: error: COPY failed for table "a": ERROR:  invalid input syntax for type integer: "4111 1111 1111 1111"
CONTEXT:  COPY a, line 1, column id: "4111 1111 1111 1111"
pg_restore: warning: errors ignored on restore: 2`;

describe('the output of pg_restore', () => {
  it('is accepted when it announces the errors of workers twice, but not when it announces more', () => {
    const text = (announced: number) => `pg_restore: entering main parallel loop
pg_restore: creating INDEX "public.i"
pg_restore: from TOC entry 3269; 1259 16478 INDEX i postgres
pg_restore: error: could not execute query: ERROR:  relation "looked" does not exist
Command was: CREATE INDEX i ON public.t USING btree (public.f(id));
pg_restore: finished item 3269 INDEX i
pg_restore: finished main parallel loop
pg_restore: warning: errors ignored on restore: ${announced}`;
    expect(read(text(2), 1)).toMatchObject({ errorCount: 1 });
    expect(read(text(1), 1)).toMatchObject({ errorCount: 1 });
    expect(read(text(2), 1, [/looked/])).toMatchObject({ errorCount: 0, ignoredCount: 1 });
    expect(read(text(3), 1)).toMatchObject({ errorCount: 2 });
  });

  it('passes on a statement that failed in a deadlock, and counts it as an error unless it is retried', () => {
    const text = `pg_restore: entering main parallel loop
pg_restore: creating INDEX "public.i"
pg_restore: from TOC entry 3269; 1259 16478 INDEX i postgres
pg_restore: error: could not execute query: ERROR:  deadlock detected
DETAIL:  Process 12 waits for ShareUpdateExclusiveLock on relation 16478 of database 16389; blocked by process 13.
HINT:  See server log for query details.
Command was: CREATE INDEX i ON public.t USING btree (id);

ALTER TABLE public.t CLUSTER ON i;
pg_restore: finished item 3269 INDEX i
pg_restore: error: COPY failed for table "t": ERROR:  deadlock detected
pg_restore: finished main parallel loop
pg_restore: warning: errors ignored on restore: 4`;
    const outcomeWhere = (isRunAgain: boolean) => {
      const errors = new LoadErrors([]);
      const commands: string[] = [];
      const output = new RestoreOutput(errors, { deadlock: (command) => commands.push(command) > 0 && isRunAgain });
      for (const line of text.split('\n')) output.readLine(line);
      output.finish(1);
      return { commands, mayBeOrder: output.mayBeOrder, ...errors.outcome('shop') };
    };
    const commands = ['CREATE INDEX i ON public.t USING btree (id);'];
    expect(outcomeWhere(true)).toMatchObject({ commands, errorCount: 1, mayBeOrder: true });
    expect(outcomeWhere(false)).toMatchObject({ commands, errorCount: 2 });
  });

  it('distinguishes data from indexes, whichever is in progress', () => {
    const output = new RestoreOutput(new LoadErrors([]));
    const phaseAfter = (line: string) => {
      output.readLine(`pg_restore: ${line}`);
      return output.phase;
    };
    expect(phaseAfter('creating TABLE "public.a"')).toBe('load');
    expect(phaseAfter('processing data for table "public.a"')).toBe('load');
    expect(phaseAfter('creating CONSTRAINT "public.a a_pkey"')).toBe('index');
    expect(phaseAfter('creating TRIGGER "public.a audit"')).toBe('index');
    expect(phaseAfter('creating INDEX "public.a_by_day"')).toBe('index');
    expect(phaseAfter('processing data for table "public.b"')).toBe('load');
    expect(phaseAfter('creating FK CONSTRAINT "public.b b_a_fkey"')).toBe('index');
  });

  it('is counted exactly, each error once, without row data', () => {
    expect(read(TWO_ERRORS, 1)).toMatchObject({
      errorCount: 2,
      errors: [
        'relation "a" already exists (CREATE TABLE public.a ()',
        'COPY failed for table "a": invalid input syntax for type integer: "…"',
      ],
      ignoredCount: 0,
    });
  });

  it('is matched against the errors that the drill allows', () => {
    expect(read(TWO_ERRORS, 1, [/already exists/])).toMatchObject({ errorCount: 1, ignoredCount: 1 });
  });

  it('is believed when it counts more errors than it describes', () => {
    expect(read('pg_restore: warning: errors ignored on restore: 3', 1)).toMatchObject({ errorCount: 3 });
  });

  it('counts a setting that only newer servers know as a warning', () => {
    const text = `pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"
Command was: SET transaction_timeout = 0;
pg_restore: warning: errors ignored on restore: 1`;
    expect(read(text, 1)).toMatchObject({
      errorCount: 0,
      warnings: ['unrecognized configuration parameter "transaction_timeout" (SET transaction_timeout = 0;)'],
    });
  });

  it.each([
    'pg_restore: error: pg_restore: error: could not uncompress data: incorrect data check',
    'pg_restore: pg_restore: error: error: could not uncompress data: incorrect data checka worker process died unexpectedly',
  ])('reports damage even when two workers write at once: %s', (line) => {
    expect(() => read(line, 1)).toThrow(
      expect.objectContaining({ code: 'backup-corrupt', message: expect.stringContaining('“could not uncompress') }),
    );
  });

  it.each([
    ' error: could not uncompress data: incorrect data check',
    'could not uncompress data: incorrect data check',
  ])('reports damage however long the other workers continue after %j', (line) => {
    const others = Array.from(
      { length: 500 },
      (_, item) => `pg_restore: finished item ${item} TABLE DATA corrupt_rows`,
    );
    const text = [line, ...others, 'pg_restore: error: a worker process died unexpectedly'].join('\n');
    expect(() => read(text, 1)).toThrow(expect.objectContaining({ code: 'backup-corrupt' }));
    expect(() => read(others.join('\n'), 1)).toThrow(expect.objectContaining({ code: 'restore-failed' }));
  });

  it('keeps fifty of ten thousand errors, but counts them all', () => {
    const lines = Array.from(
      { length: 10_000 },
      (_, index) => `pg_restore: error: could not execute query: ERROR:  no ${index}`,
    );
    const outcome = read([...lines, 'pg_restore: warning: errors ignored on restore: 10000'].join('\n'), 1);
    expect(outcome.errorCount).toBe(10_000);
    expect(outcome.errors).toHaveLength(50);
  });

  it.each([
    ['pg_restore: error: could not read from input file: end of file', 'backup-truncated'],
    ['pg_restore: error: could not uncompress data: invalid distance too far back', 'backup-corrupt'],
    ['pg_restore: error: unrecognized data block type (0) while searching archive', 'backup-corrupt'],
    [
      'pg_restore: error: could not execute query: ERROR:  could not extend file "base/1/2": No space left on device',
      'disk-full',
    ],
    ['pg_restore: error: a worker process died unexpectedly', 'restore-failed'],
    ['', 'restore-failed'],
  ])('ends the restore with %j', (line, code) => {
    expect(() => read(line, 1)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['new row for relation "b" violates check constraint "b_check"', true],
    ['relation "lookup" does not exist', true],
    ['invalid input syntax for type integer: "4111"', false],
    ['duplicate key value violates unique constraint "b_pkey"', false],
  ])('about refused rows may be a matter of order: %s', (message, mayBeOrder) => {
    for (const how of [
      `error: COPY failed for table "b": ERROR:  ${message}`,
      `error: could not execute query: ERROR:  ${message}\nCommand was: INSERT INTO public.b VALUES (1);`,
    ]) {
      const output = new RestoreOutput(new LoadErrors([]));
      for (const line of `pg_restore: ${how}\npg_restore: finished item`.split('\n')) output.readLine(line);
      expect(output.mayBeOrder).toBe(mayBeOrder);
    }
  });

  it('ends the restore when the image lacks something, without counting consequential errors', () => {
    const lacks: string[] = [];
    const errors = new LoadErrors([]);
    const output = new RestoreOutput(errors, { lack: ({ message }) => lacks.push(message) });
    const text = `pg_restore: error: could not execute query: ERROR:  could not create locale "de_DE.utf8": No such file or directory
Command was: CREATE COLLATION public.german (provider = libc, locale = 'de_DE.utf8');
pg_restore: creating TABLE "public.a"
pg_restore: error: could not execute query: ERROR:  collation "public.german" for encoding "UTF8" does not exist
Command was: CREATE TABLE public.a (
pg_restore: warning: errors ignored on restore: 2`;
    for (const line of text.split('\n')) output.readLine(line);
    expect(lacks).toEqual([expect.stringContaining('could not create locale "de_DE.utf8"')]);
    expect(() => output.finish(1)).toThrow(/de_DE/);
    expect(errors.outcome('shop').errorCount).toBe(0);
  });
});
