import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RestoredFiles } from '../../../../src/engines/restored-files.ts';
import { checkSqlite } from '../../../../src/verify/kinds/files/check-sqlite.ts';
import { filesSchema, resolveFiles } from '../../../../src/verify/kinds/files/files-spec.ts';

/** Runs statements, and dies without closing the database. */
const WRITE = `
const database = new (require('node:sqlite').DatabaseSync)('hot.db');
for (const sql of process.argv.slice(1)) database.exec(sql);
process.kill(process.pid, 'SIGKILL');`;
const FILL =
  'insert into t with recursive c(x) as (select 1 union all select x + 1 from c where x < 20000) select x from c';
const ROWS = 'insert into t values (1), (2), (3)';

/** Databases as they are when copied from under their program, read by the real sqlite3. */
describe('a copy of a SQLite database in use', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hot-sqlite-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = (...sql: readonly string[]) =>
    spawnSync(process.execPath, ['--no-warnings', '-e', WRITE, ...sql], {
      cwd: directory,
    });
  const count = async () => {
    const run: RestoredFiles['run'] = async (argv, { stdout }) => {
      const [name = '', ...rest] = argv;
      const { status, stdout: printed, stderr } = spawnSync(name, rest, { cwd: directory, encoding: 'utf8' });
      await new Promise<void>((done) => stdout?.end(printed, () => done()));
      return { exitCode: status ?? 1, stdout: '', stderr };
    };
    const context = { files: { run }, takenAt: new Date(), signal: new AbortController().signal };
    const asked = { file: 'hot.db', sql: 'select count(*) from t', expect: 3 };
    const { sqlite } = resolveFiles(filesSchema.parse({ sqlite: asked }));
    return sqlite ? checkSqlite(sqlite, 'hot.db', context) : [];
  };

  test('is read with its write-ahead log', async () => {
    write('pragma journal_mode=wal; pragma wal_autocheckpoint=0', 'create table t(v)', ROWS);
    expect(readdirSync(directory)).toContain('hot.db-wal');
    expect((await count()).map(({ passed }) => passed)).toEqual([true, true]);
  });

  test('fails when rows are missing because its write-ahead log is', async () => {
    write('pragma journal_mode=wal', 'create table t(v)', 'pragma wal_checkpoint', 'pragma wal_autocheckpoint=0', ROWS);
    rmSync(join(directory, 'hot.db-wal'));
    const found = await count();
    expect(found.map(({ passed }) => passed)).toEqual([true, false]);
    expect(found[1]?.actual).toContain('0');
  });

  test('is read as of before the transaction that was in progress', async () => {
    execFileSync('sqlite3', ['hot.db', `create table t(v); ${ROWS}`], {
      cwd: directory,
    });
    write('pragma cache_size=1', 'begin', FILL);
    expect(readdirSync(directory)).toContain('hot.db-journal');
    expect((await count()).map(({ passed }) => passed)).toEqual([true, true]);
  });
});
