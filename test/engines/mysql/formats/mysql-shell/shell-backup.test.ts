import { describe, expect, it } from 'vitest';
import { mysqlFlavor } from '../../../../../src/engines/mysql/flavor.ts';
import { loadDataStatement } from '../../../../../src/engines/mysql/formats/mysql-shell/load-data.ts';
import { shellBackup } from '../../../../../src/engines/mysql/formats/mysql-shell/shell-backup.ts';
import { listShellFiles } from '../../../../../src/engines/mysql/formats/mysql-shell/shell-files.ts';
import type { ShellTable } from '../../../../../src/engines/mysql/formats/mysql-shell/shell-metadata.ts';
import { directoryContent } from '../../../../support/fake-content.ts';
import { SHELL_DIRECTORY, shellDirectory } from './shell-directory.ts';

const never = new AbortController().signal;
const opened = (changes: Readonly<Record<string, string | undefined>> = {}) =>
  shellBackup(directoryContent(shellDirectory(changes)), mysqlFlavor, never);
const failure = (changes: Readonly<Record<string, string | undefined>>): Promise<string> =>
  opened(changes).then(
    () => 'opened',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );
const dumpWith = (more: Readonly<Record<string, unknown>>): Record<string, string> => ({
  '@.json': JSON.stringify({ ...JSON.parse(SHELL_DIRECTORY['@.json'] ?? ''), ...more }),
});

describe('a MySQL Shell dump', () => {
  it('reveals its server, tool and databases before a sandbox starts', async () => {
    const { facts, needs, databases } = await opened(dumpWith({ serverVersion: '8.4.3' }));
    expect(facts).toMatchObject({
      format: 'MySQL Shell dump',
      serverVersion: '8.4.3',
      dumpedBy: 'MySQL Shell 9.4.0',
      database: 'sh op',
      tableCount: 1,
    });
    expect(needs.major).toBe('8.4');
    expect(databases).toEqual(['sh op']);
  });

  it.each([
    [
      'without its last file',
      { '@.done.json': undefined },
      /^backup-truncated: .* without @\.done\.json, which it writes last$/,
    ],
    [
      'without a file of rows',
      { 'sh%20op@or%60ders@0.tsv': undefined },
      /^backup-truncated: .* lacks 1 of the 2 files of rows .* the first is sh%20op@or%60ders@0\.tsv$/,
    ],
    [
      'without a definition',
      { 'sh%20op@or%60ders.sql': undefined },
      /^backup-truncated: .* without sh%20op@or%60ders\.sql$/,
    ],
    ['without a view', { 'sh%20op@newest.sql': undefined }, /^backup-truncated: /],
    [
      'without triggers that its table lists',
      { 'sh%20op@or%60ders.triggers.sql': undefined },
      /^backup-truncated: .* without sh%20op@or%60ders\.triggers\.sql$/,
    ],
    ['without its accounts', { '@.users.sql': undefined }, /^backup-truncated: .* without @\.users\.sql$/],
    [
      'without the metadata of a database',
      { 'sh%20op.json': undefined },
      /^backup-truncated: .* without sh%20op\.json$/,
    ],
    ['with metadata that was cut', { '@.json': '{"schemas": ["sh' }, /^backup-corrupt: .*@\.json .* it is not JSON$/],
    ['with metadata of something else', { '@.done.json': '[]' }, /^backup-corrupt: /],
    ['of MariaDB', dumpWith({ serverVersion: '11.4.7-MariaDB' }), /^engine-mismatch: .* a dump of MariaDB 11\.4\.7/],
    [
      'of MariaDB, which MySQL Shell takes for an old MySQL',
      dumpWith({ serverVersion: '5.6.0-10.2.32-MariaDB-log' }),
      /^engine-mismatch: .* a dump of MariaDB 10\.2\.32/,
    ],
    ['of MariaDB that hides it', dumpWith({ serverVersion: '10.11.6' }), /^engine-mismatch: /],
    [
      'without definitions',
      { 'sh%20op.json': JSON.stringify({ schema: 'sh op', includesDdl: false, tables: ['or`ders'] }) },
      /^format-unsupported: .* \(dataOnly\)/,
    ],
  ])('is refused %s', async (_what, changes, message) => {
    expect(await failure(changes)).toMatch(message);
  });

  it('states its position in the binary log, unless it is inconsistent', async () => {
    const place = { binlogFile: 'bin.000004', binlogPosition: 5951, gtidExecuted: '' };
    expect((await opened(dumpWith(place))).replaysLog).toBe(true);
    expect((await opened(dumpWith({ gtidExecuted: 'a:1-7,\nb:1' }))).replaysLog).toBe(true);
    expect((await opened()).replaysLog).toBeUndefined();
    expect((await opened(dumpWith({ ...place, consistent: false }))).replaysLog).toBeUndefined();
    expect((await opened(dumpWith({ ...place, gtidExecutedInconsistent: true }))).replaysLog).toBeUndefined();
  });

  it('states version and position in the layout of newer releases, too', async () => {
    const binlog = { file: 'bin.000004', position: 5951, gtidExecuted: '' };
    const newer = (sysvars: object) => dumpWith({ serverVersion: undefined, source: { binlog, ...sysvars } });
    for (const source of [{ sysvars: { version: '8.4.3', port: '3306' } }, { version: '8.4.3', topology: {} }])
      expect(await opened(newer(source))).toMatchObject({ facts: { serverVersion: '8.4.3' }, replaysLog: true });
  });

  it('is complete even if what it states about the server has an unexpected shape', async () => {
    const sysvars = { version: '8.4.3', port: 3306, init_file: null };
    for (const source of [{ sysvars }, { version: '8.4.3', binlog: { position: '5951' } }])
      expect(await opened(dumpWith({ serverVersion: undefined, source }))).toMatchObject({
        facts: { serverVersion: '8.4.3' },
      });
    expect(await opened(dumpWith({ serverVersion: '8.4.3', source: 'db1:3306' }))).toMatchObject({
      facts: { serverVersion: '8.4.3' },
    });
  });

  it('does not report missing files for tables without rows, since some stores drop empty files', async () => {
    const bytes = { 'sh%20op@or%60ders@0.tsv': 29, 'sh%20op@or%60ders@@1.tsv': 0 };
    const changes = { 'sh%20op@or%60ders@@1.tsv': undefined, '@.done.json': JSON.stringify({ chunkFileBytes: bytes }) };
    expect(await failure(changes)).toBe('opened');
  });
});

describe('the files of a MySQL Shell dump', () => {
  const schema = {
    schema: 'a',
    includesDdl: true,
    includesData: true,
    tables: ['t', 'u'],
    views: [],
    events: [],
    functions: [],
    procedures: [],
    basenames: {},
    basename: 'a',
  };
  const list = (names: readonly string[], bytes?: Record<string, number>) =>
    listShellFiles(
      directoryContent(Object.fromEntries(['a@t.sql', 'a@u.sql', ...names].map((name) => [name, 'x']))),
      { schemas: ['a'], basenames: {}, tzUtc: true, consistent: true, gtidExecutedInconsistent: false },
      [schema],
      bytes && new Map(Object.entries(bytes)),
    );
  const error = (names: readonly string[]): string => {
    try {
      list(names);
      return 'none';
    } catch (cause) {
      return (cause as Error).message;
    }
  };

  it('are assigned to their tables, partitions included', () => {
    const { tables, strangers } = list([
      'a@t@p0@0.tsv.zst',
      'a@t@p0@@1.tsv.zst',
      'a@t@p1@@0.tsv.zst',
      'a@u.tsv.gz',
      'a@u.tsv.gz.idx',
      'b@x@@0.tsv.zst',
    ]);
    expect(tables.map(({ table, chunks }) => [table, chunks.length])).toEqual([
      ['t', 3],
      ['u', 1],
    ]);
    expect(strangers).toEqual(['b@x@@0.tsv.zst']);
  });

  it('are checked for gaps by their numbers in dumps of older versions', () => {
    const u = 'a@u@@0.tsv';
    expect(error(['a@t@0.tsv', 'a@t@1.tsv', 'a@t@@2.tsv', u])).toBe('none');
    expect(error(['a@t@0.tsv', 'a@t@@2.tsv', u])).toMatch(/lacks file 1 of the 3 files of rows of a@t$/);
    expect(error(['a@t@0.tsv', 'a@t@1.tsv', u])).toMatch(
      /lacks the last file of rows of a@t, which has @@ in its name$/,
    );
    expect(error(['a@t@@1.tsv', u])).toMatch(/lacks file 0 /);
    expect(error([u])).toMatch(/lacks the files of rows of a@t$/);
  });

  it('are ignored when the dump does not list them', () => {
    expect(list(['a@t@@0.tsv', 'a@t@@7.tsv', 'a@u@@0.tsv'], { 'a@t@@0.tsv': 1, 'a@u@@0.tsv': 1 }).strangers).toEqual([
      'a@t@@7.tsv',
    ]);
  });
});

describe('the statement that loads a file of rows', () => {
  const table = (options: Partial<ShellTable['options']>): ShellTable => ({
    options: {
      columns: ['id'],
      decodeColumns: {},
      fieldsTerminatedBy: '\t',
      fieldsEnclosedBy: '',
      fieldsOptionallyEnclosed: false,
      fieldsEscapedBy: '\\',
      linesTerminatedBy: '\n',
      ...options,
    },
    triggers: [],
  });

  it('quotes every name and separator', () => {
    const sql = loadDataStatement(
      { schema: 'a`b', table: 't; DROP' },
      table({
        columns: ['x`y', 'raw'],
        decodeColumns: { raw: 'UNHEX' },
        fieldsEnclosedBy: "'",
        fieldsOptionallyEnclosed: true,
      }),
      undefined,
    );
    expect(sql).toBe(
      "LOAD DATA LOCAL INFILE 'rows' INTO TABLE `a``b`.`t; DROP` CHARACTER SET 'utf8mb4' FIELDS TERMINATED BY '\t' OPTIONALLY ENCLOSED BY '''' ESCAPED BY '\\\\' LINES TERMINATED BY '\n' (`x``y`, @column_1) SET `raw` = UNHEX(@column_1)",
    );
  });

  it('names the AUTO_INCREMENT column when there are binary columns, so that MariaDB keeps a 0 in it', () => {
    const columns = ['id', 'n', 'raw'];
    const of = (decodeColumns: Record<string, string>): string =>
      loadDataStatement({ schema: 'a', table: 't' }, table({ columns, decodeColumns }), undefined, 'id').replace(
        /^.*'\n' /s,
        '',
      );
    expect(of({ raw: 'UNHEX' })).toBe('(@column_0, `n`, @column_2) SET `id` = @column_0, `raw` = UNHEX(@column_2)');
    expect(of({})).toBe('(`id`, `n`, `raw`)');
  });

  it('calls no function except the two that MySQL Shell uses', () => {
    expect(() =>
      loadDataStatement({ schema: 'a', table: 't' }, table({ decodeColumns: { id: 'SLEEP' } }), undefined),
    ).toThrow(/neither FROM_BASE64 nor UNHEX/);
  });
});
