import { spawnSync } from 'node:child_process';
import { createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { shareSandboxes } from '../../support/clear-sandbox.ts';
import { flipBytes } from '../postgres/physical/flip-bytes.ts';
import {
  makeWorkDirectory,
  never,
  openBackup,
  restoreInto,
  startSandbox,
  startSource,
  type Target,
} from './restoring.ts';
import { withStandIn, writeCompressedStream, writePrepared } from './xtrabackup-stand-in.ts';

const MYSQL: Target = { runtime: 'docker', server: 'mysql:9.7' };
const MYSQL_VERSION = '9.7.4';
const MARIADB: Target = { runtime: 'docker', server: 'mariadb:11.8' };

/**
 * Each product's server is copied while it runs and after it was stopped. Its layout is not the default, and root has a
 * password.
 */
describe.skipIf(!inject('dockerAnswers'))('a copy of a data directory', () => {
  const boxes = shareSandboxes(startSandbox);
  let directory: Awaited<ReturnType<typeof makeWorkDirectory>>;
  const at = (...names: readonly string[]): string => join(directory.path, ...names);
  const open = (match: string) => openBackup(directory.path, match);

  beforeAll(async () => {
    directory = await makeWorkDirectory();
    await Promise.all([takeCopies(MYSQL, TAKE_MYSQL, at()), takeCopies(MARIADB, TAKE_MARIADB, at())]);
  });

  afterAll(async () => {
    await boxes[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  it('of a running MySQL is recovered from a compressed tar with leading folders', async () => {
    const box = await boxes.take(MYSQL);
    await using restored = await restoreInto(box, MYSQL, await open('mysql/hot.tar.zst'), { database: 'shop' });
    expect(restored.outcome).toMatchObject({ database: 'shop', errors: [] });
    expect(restored.outcome.warnings).toContainEqual(
      expect.stringMatching(
        /^the server was running when it was copied: recovery used its newest binary log, bin\.000001/,
      ),
    );
    const sql =
      'select (select count(*) from orders), @@innodb_page_size, @@lower_case_table_names, @@innodb_data_file_path, @@event_scheduler';
    expect((await restored.check(sql)).rows).toEqual([
      [500, 8192, 1, 'ibdata1:12582912;ibdata2:8388608:autoextend', 'DISABLED'].map((value) =>
        typeof value === 'number' ? BigInt(value) : value,
      ),
    ]);
  });

  it('of a stopped MySQL is recovered from a directory', async () => {
    const box = await boxes.take(MYSQL);
    await using restored = await restoreInto(box, MYSQL, await open('mysql/cold/'), { database: 'shop' });
    expect(restored.outcome).toMatchObject({ database: 'shop', errors: [], warnings: [] });
    expect((await restored.check('select count(*) from orders')).rows).toEqual([[4000n]]);
  });

  it('prepared by XtraBackup needs no tool', async () => {
    writePrepared(at('mysql', 'cold'), MYSQL_VERSION, at('mysql', 'prepared'));
    const box = await boxes.take(MYSQL);
    await using restored = await restoreInto(box, MYSQL, await open('mysql/prepared/'), { database: 'shop' });
    expect(restored.outcome).toMatchObject({
      errors: [],
      warnings: [expect.stringMatching(/never tested against XtraBackup itself/)],
    });
    expect((await restored.check('select count(*), @@innodb_page_size from orders')).rows).toEqual([[4000n, 8192n]]);
  });

  it('streamed by XtraBackup is unpacked, decompressed and prepared by the image’s own tool', async () => {
    writeCompressedStream(at('mysql', 'cold'), MYSQL_VERSION, at('mysql', 'files.xbstream'));
    const box = await boxes.take(MYSQL);
    await expect(restoreInto(box, MYSQL, await open('mysql/files.xbstream'))).rejects.toMatchObject({
      code: 'tool-missing',
      message: expect.stringMatching(/lacks xtrabackup and xbstream 9\.7, .* taken by xtrabackup 9\.7\.4/),
    });
    const equipped = await withStandIn(box, MYSQL_VERSION);
    await using restored = await restoreInto(equipped, MYSQL, await open('mysql/files.xbstream'), { database: 'shop' });
    expect(restored.outcome).toMatchObject({ errors: [] });
    expect(restored.progress).toEqual(expect.arrayContaining(['unpacking', 'decompressing', 'preparing']));
    expect((await restored.check('select count(*) from orders')).rows).toEqual([[4000n]]);
  });

  it('fails when its redo log was left out', async () => {
    const without = ['--exclude=#innodb_redo', '-cf', at('mysql', 'no-redo.tar'), '-C', at('mysql', 'cold'), '.'];
    expect(spawnSync('tar', without)).toMatchObject({ status: 0 });
    const box = await boxes.take(MYSQL);
    await expect(restoreInto(box, MYSQL, await open('mysql/no-redo.tar'))).rejects.toMatchObject({
      code: 'backup-truncated',
      message: 'mysql/no-redo.tar lacks the redo log (ib_logfile0, or #innodb_redo/)',
    });
  });

  it('fails when its files were copied at different times', async () => {
    const box = await boxes.take(MYSQL);
    await using restored = await restoreInto(box, MYSQL, await open('mysql/mixed.tar'), { database: 'shop' });
    expect(restored.outcome.errors).toEqual([
      expect.stringMatching(
        /^page \d+ of \S*shop\/orders\.ibd was changed at LSN \d+, and the log in the copy ends at \d+: /,
      ),
    ]);
  });

  it('fails when a page is torn, even though that crashes the server', async () => {
    flipBytes(at('mysql', 'cold', 'shop', 'orders.ibd'), 8192 * 6 + 4000);
    await using box = await startSandbox(MYSQL);
    const restoring = restoreInto(box, MYSQL, await open('mysql/cold/'), { database: 'shop' }).then(
      async (restored) => {
        await using ended = restored;
        return ended.check('check table orders');
      },
    );
    await expect(restoring).rejects.toMatchObject({
      code: 'backup-corrupt',
      message: expect.stringMatching(/Database page corruption on disk/),
    });
  });

  it('fails when a table’s file is missing, whatever the checks query', async () => {
    rmSync(at('mysql', 'cold', 'shop', 'orders.ibd'));
    await using box = await startSandbox(MYSQL);
    await using restored = await restoreInto(box, MYSQL, await open('mysql/cold/'), { database: 'shop' });
    expect(restored.outcome.errors).toContainEqual(
      expect.stringMatching(/^shop\.orders cannot be opened: Tablespace is missing for table `shop`\.`orders`/),
    );
    expect((await restored.check('select 1')).rows).toEqual([[1n]]);
  });

  it('of a running MariaDB is recovered from a tar', async () => {
    await using box = await startSandbox(MARIADB);
    await using restored = await restoreInto(box, MARIADB, await open('mariadb/hot.tar'), { database: 'shop' });
    expect(restored.outcome).toMatchObject({ database: 'shop', errors: [] });
    expect((await restored.check('select count(*), @@innodb_undo_tablespaces from orders')).rows).toEqual([[500n, 2n]]);
  });

  it('is refused when it only links to a table’s file, naming the file', async () => {
    await using box = await startSandbox(MARIADB);
    await expect(restoreInto(box, MARIADB, await open('mariadb/linked.tar'))).rejects.toMatchObject({
      code: 'backup-truncated',
      message: expect.stringMatching(
        /holds only a link for shop\/orders\.ibd: its file is at \/mnt\/fast\/orders\.ibd on the server/,
      ),
    });
  });
});

async function takeCopies(target: Target, script: string, into: string): Promise<void> {
  await using box = await startSource(target);
  const archive = join(into, `${target.server.replace(':', '-')}.tar`);
  const lines: string[] = [];
  const { exitCode } = await box.exec(['bash', '-c', script, 'take', `${box.paths.scratch}/primary`], {
    signal: never,
    stdout: createWriteStream(archive),
    onStderrLine: (line) => lines.push(line),
  });
  if (exitCode !== 0) throw new Error(`no copies: ${lines.slice(-10).join('\n')}`);
  const { status, stderr } = spawnSync('tar', ['-xf', archive, '-C', into]);
  if (status !== 0) throw new Error(String(stderr));
  rmSync(archive);
}

const START = `
set -euo pipefail
root=$1 data=$1/var/lib/mysql
mkdir -p "$root/tmp" "$root/var/lib" "$root/etc" "$out"
echo '[mysqld]' > "$root/etc/my.cnf"
mkfifo "$root/log"
start() {
  "$@" --tmpdir="$root/tmp" --socket="$root/socket" --pid-file="$root/pid" --skip-networking --server-id=1 --log-bin="$data/bin" $layout 2> "$root/log" &
  server=$!
  while read -r line; do case $line in *'ready for connections'*) break ;; esac; done < <(tee /dev/stderr < "$root/log")
}
`;

const ROWS = `
create database shop; use shop;
create table orders (id int primary key auto_increment, note varchar(400));
insert into orders (note) select repeat('x', 300) from information_schema.columns limit 500;
`;

const TAKE_MYSQL = `
out=$1/mysql
layout="--innodb-page-size=8k --lower-case-table-names=1 --innodb-data-file-path=ibdata1:12M;ibdata2:8M:autoextend --innodb-redo-log-capacity=8M"
${START}
mysqld --no-defaults --initialize-insecure --datadir="$data" $layout >&2
start mysqld --no-defaults --mysqlx=OFF --datadir="$data"
sql() { mysql --no-defaults -S "$root/socket" -u root "$@"; }
sql <<'SQL'
${ROWS}
flush tables;
alter user root@localhost identified by 'secret';
SQL
ln -s /var/log/mysql/error.log "$data/error.log"
{ tar -C "$root" -cf - etc var || [ $? = 1 ]; } | zstd -q > "$out/hot.tar.zst"
rm "$data/error.log"
cp -a "$data" "$root/mixed"
sql -psecret shop -e "insert into orders (note) select repeat('y', 300) from information_schema.columns limit 1500; insert into orders (note) select note from orders" 2> /dev/null
mysqladmin --no-defaults -S "$root/socket" -u root -psecret shutdown 2> /dev/null
wait "$server"
cp "$data/shop/orders.ibd" "$root/mixed/shop/orders.ibd"
tar -C "$root" -cf "$out/mixed.tar" mixed
mv "$data" "$out/cold"
tar -C "$root" -cf - mysql
`;

const TAKE_MARIADB = `
out=$1/mariadb
layout="--innodb-undo-tablespaces=2 --innodb-log-file-size=8M"
${START}
mariadb-install-db --no-defaults --datadir="$data" --tmpdir="$root/tmp" --auth-root-authentication-method=normal --skip-test-db $layout >&2
start mariadbd --no-defaults --datadir="$data"
mariadb --no-defaults -S "$root/socket" -u root <<'SQL'
${ROWS}
alter user root@localhost identified by 'secret';
SQL
tar -C "$data" -cf "$out/hot.tar" . || [ $? = 1 ] # a file changed meanwhile
kill "$server"
wait "$server" || true
rm "$data/shop/orders.ibd"
ln -s /mnt/fast/orders.ibd "$data/shop/orders.ibd"
tar -C "$root" -cf "$out/linked.tar" var
tar -C "$root" -cf - mariadb
`;
