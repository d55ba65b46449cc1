import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  createWriteStream,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { verifyChecksums } from '../../../src/engines/mysql/server/page-checksums.ts';
import { shareSandboxes } from '../../support/clear-sandbox.ts';
import { flipBytes } from '../postgres/physical/flip-bytes.ts';
import {
  makeWorkDirectory,
  never,
  openBackup,
  type Restored,
  restoreInto,
  startSandbox,
  startSource,
  type Target,
} from './restoring.ts';

const NEW: Target = { runtime: 'docker', server: 'mariadb:11.8' };
const OLD: Target = { runtime: 'docker', server: 'mariadb:10.11' };
/** Page size of the newer server, in bytes; the older one has the largest. Neither is the default. */
const PAGE = 4096n;

/**
 * One server is backed up in several ways, and each backup is damaged in a different way. Its page size is not the
 * default, it ignores case in names, and root has a password.
 */
describe.skipIf(!inject('dockerAnswers'))('a backup by mariadb-backup', () => {
  const boxes = shareSandboxes(startSandbox);
  let directory: Awaited<ReturnType<typeof makeWorkDirectory>>;
  const at = (...names: readonly string[]): string => join(directory.path, ...names);
  const open = (match: string) => openBackup(directory.path, match);

  beforeAll(async () => {
    directory = await makeWorkDirectory();
    await Promise.all([takeBackups(NEW, directory.path), takeBackups(OLD, directory.path)]);
    appendFileSync(at('11.8', 'full', 'backup-my.cnf'), 'init_file=/tmp/evil.sql\nplugin_load=evil.so\n');
    appendFileSync(at('11.8', 'full', 'my.cnf'), '[mariadbd]\ninit_file=/tmp/evil.sql\nport=3306\n');
  });

  afterAll(async () => {
    await boxes[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  const rowsIn = async (restored: Restored): Promise<unknown> =>
    (
      await restored.check(
        "select (select count(*) from ORDERS where note = 'stored'), (select count(*) from ticks), @@innodb_page_size, @@lower_case_table_names, @@event_scheduler",
      )
    ).rows;

  it('is recovered from a compressed stream, and nothing in it runs by itself', async () => {
    const box = await boxes.take(NEW);
    const content = await open('11.8/full.mb.zst');
    await using restored = await restoreInto(box, NEW, content, { database: 'shop' });
    expect(restored.outcome).toMatchObject({ database: 'shop', errorCount: 0 });
    expect(restored.outcome.warnings).toEqual([
      expect.stringMatching(/the table is stored as shop\.\w+, as on a server with lower_case_table_names=1/),
    ]);
    expect(await rowsIn(restored)).toEqual([[500n, 0n, PAGE, 1n, 'OFF']]);
    expect(await restored.ask('select count(*) from information_schema.EVENTS')).toEqual(['1']);
    expect(restored.progress).toEqual(
      expect.arrayContaining(['unpacking', 'preparing', 'starting the server', 'sealing']),
    );
    await expect(restored.check('insert into orders(note) values (1)')).rejects.toMatchObject({
      code: 'check-malformed',
    });
  });

  it('is recovered from increments, a stream based on directories, without their configuration', async () => {
    const box = await boxes.take(NEW);
    await using restored = await restoreInto(box, NEW, await open('11.8/increment-2.mb.zst'), { database: 'shop' });
    expect(await rowsIn(restored)).toEqual([[900n, 0n, PAGE, 1n, 'OFF']]);
    expect((await restored.check('select count(*) from later')).rows).toEqual([[2n]]); // a table that is not in the full backup
    const { stdout } = await box.exec(['ls', `${box.paths.scratch}/configuration-of-the-backup`], { signal: never });
    expect(stdout).toMatch(/^my\.cnf$/m);
  });

  it('is recovered from an increment in a tar based on a full backup in a tar, when no directory has them', async () => {
    const tars = at('tars');
    mkdirSync(tars);
    const pack = (name: string) =>
      spawnSync('tar', ['-czf', join(tars, `${name}.tar.gz`), '-C', at('10.11'), `./${name}`], { encoding: 'utf8' });
    for (const name of ['full', 'increment-1']) expect(pack(name)).toMatchObject({ status: 0 });
    const box = await boxes.take(OLD);
    const content = await openBackup(tars, 'increment-1.tar.gz');
    await using restored = await restoreInto(box, OLD, content, { database: 'shop' });
    expect(await rowsIn(restored)).toEqual([[700n, 0n, 65_536n, 1n, 'OFF']]);
  });

  it('is recovered from an uncompressed stream, but not if a bit has flipped', async () => {
    const box = await boxes.take(NEW);
    copyFileSync(at('11.8', 'full.mb'), at('11.8', 'flipped.mb'));
    flipBytes(at('11.8', 'flipped.mb'), Math.round(statSync(at('11.8', 'full.mb')).size / 2));
    await expect(restoreInto(box, NEW, await open('11.8/flipped.mb'))).rejects.toMatchObject({
      code: 'backup-corrupt',
      message: expect.stringMatching(/has a chunk of \S+ without its checksum/),
    });
    await using restored = await restoreInto(await boxes.take(NEW), NEW, await open('11.8/full.mb'), {
      database: 'shop',
    });
    expect(await rowsIn(restored)).toEqual([[500n, 0n, PAGE, 1n, 'OFF']]);
  });

  it('is recovered on 10.11 from a directory with the older names; a server of another series refuses it', async () => {
    const box = await boxes.take(OLD);
    await expect(restoreInto(box, OLD, await open('11.8/full.mb'))).rejects.toMatchObject({
      code: 'version-unsupported',
      message: expect.stringMatching(/of MariaDB 11\.8\.\d+ needs a server of 11\.8, and .* has 10\.11\.\d+/),
    });
    await using restored = await restoreInto(box, OLD, await open('10.11/increment-1/'), { database: 'shop' });
    expect(await rowsIn(restored)).toEqual([[700n, 0n, 65_536n, 1n, 'OFF']]);
    const { server } = restored;
    expect((await verifyChecksums(server, { signal: never, run: never })) as object).toEqual({
      bad: [],
      badCount: 0,
      pages: expect.any(Number),
    });
    const damage = 'printf damage | dd of="$1/shop/orders.ibd" bs=1 seek=200000 conv=notrunc status=none';
    await box.exec(['sh', '-c', damage, 'sh', box.paths.data], { signal: never });
    expect(await verifyChecksums(server, { signal: never, run: never })).toMatchObject({
      badCount: 1,
      bad: ['page 3 of shop/orders.ibd'],
    });
  });

  it.each([
    ['a backup', 'encrypted.mb'],
    ['a copy of a data directory', 'encrypted.tar'],
  ])('is refused with a table that the server encrypts: %s', async (_what, name) => {
    const box = await boxes.take(NEW);
    await expect(restoreInto(box, NEW, await open(`11.8/${name}`))).rejects.toMatchObject({
      code: 'image-incomplete',
      message: `11.8/${name} is encrypted by the server itself: pages of shop/secrets.ibd cannot be read without its key`,
    });
  });

  it('fails when part of it is missing', async () => {
    const fails = async (match: string): Promise<string> => {
      const box = await boxes.take(NEW);
      const error = await open(match)
        .then((content) => restoreInto(box, NEW, content))
        .catch((thrown: unknown) => thrown);
      const { code, message } = error as { code?: string; message?: string };
      return `${code}: ${message}`;
    };
    const stream = readFileSync(at('11.8', 'full.mb'));
    const cuts = { 'within a chunk': stream.length - 50, 'between two': stream.lastIndexOf('XBSTCK01') };
    for (const [where, length] of Object.entries(cuts)) {
      writeFileSync(at('11.8', 'cut.mb.gz'), gzipSync(stream.subarray(0, length), { level: 1 }));
      expect(await fails('11.8/cut.mb.gz'), where).toMatch(/^backup-truncated: 11\.8\/cut\.mb\.gz ends /);
    }
    const settings = at('11.8', 'full', 'backup-my.cnf');
    const told = readFileSync(settings, 'utf8');
    writeFileSync(settings, told.replace(/(?<=innodb_page_size=)\d+/, '16384'));
    expect(await fails('11.8/full/')).toBe(
      'backup-corrupt: 11.8/full/ has pages of 4096 bytes, and its backup-my.cnf says 16384: they are not from the same backup',
    );
    writeFileSync(settings, told);
    truncateSync(at('11.8', 'full.mb.zst'), statSync(at('11.8', 'full.mb.zst')).size - 50);
    expect(await fails('11.8/full.mb.zst')).toMatch(
      /^backup-truncated: 11\.8\/full\.mb\.zst: the backup ends in the middle of its zstd data/,
    );
    truncateSync(at('11.8', 'full.mb'), statSync(at('11.8', 'full.mb')).size - 50);
    expect(await fails('11.8/full.mb')).toMatch(/^backup-truncated: .* has no end-of-stream mark/);
    rmSync(at('11.8', 'increment-1'), { recursive: true });
    expect(await fails('11.8/increment-2.mb.zst')).toMatch(/^backup-incomplete: .* it continues from LSN \d+/);
    rmSync(at('11.8', 'full', 'ib_logfile0'));
    expect(await fails('11.8/full/')).toMatch(/^backup-truncated: 11\.8\/full\/ lacks ib_logfile0/);
  });
});

/** Backs up a server with a few rows, events and triggers into the folder of its series. */
async function takeBackups(target: Target, into: string): Promise<void> {
  await using box = await startSource(target);
  const archive = join(into, `${target.server.replace(':', '-')}.tar`);
  const argv = ['bash', '-c', TAKE, 'take', `${box.paths.scratch}/primary`, target.server.replace(/^.*:/, '')];
  const lines: string[] = [];
  const { exitCode } = await box.exec(argv, {
    signal: never,
    stdout: createWriteStream(archive),
    onStderrLine: (line) => lines.push(line),
  });
  if (exitCode !== 0) throw new Error(`no backups: ${lines.slice(-10).join('\n')}`);
  const { status, stderr } = spawnSync('tar', ['-xf', archive, '-C', into]);
  if (status !== 0) throw new Error(String(stderr));
  rmSync(archive);
}

const TAKE = `
set -euo pipefail
root=$1 out=$1/$2
mkdir -p "$root/tmp" "$out"
case $2 in 10.11) pages=64k ;; *) pages=4k ;; esac
layout="--innodb-page-size=$pages --lower-case-table-names=1"
mariadb-install-db --no-defaults --datadir="$root/data" --tmpdir="$root/tmp" --auth-root-authentication-method=normal --skip-test-db $layout >&2
mkfifo "$root/log"
start() {
  mariadbd --no-defaults --datadir="$root/data" --tmpdir="$root/tmp" --socket="$root/socket" --pid-file="$root/pid" --skip-networking \\
    --log-bin="$root/data/mariadb-bin" --server-id=1 $layout 2> "$root/log" &
  server=$!
  while read -r line; do case $line in *'ready for connections'*) break ;; esac; done < <(tee /dev/stderr < "$root/log")
}
start
sql() { mariadb --no-defaults -S "$root/socket" -u root "$@"; }
sql <<'SQL'
create database Shop; use Shop;
create table Orders (id int primary key auto_increment, note varchar(20));
create table Ticks (at datetime);
create trigger Marks before insert on Orders for each row set new.note = 'stored';
create event Ticking on schedule every 1 second do insert into Ticks values (now());
insert into Orders (note) select 'row' from seq_1_to_500;
alter user root@localhost identified by 'secret';
SQL
take() { mariadb-backup --no-defaults --user=root --password=secret --socket="$root/socket" --datadir="$root/data" --tmpdir="$root/tmp" --backup "$@" 2>> "$root/said"; }
take --target-dir="$out/full"
take --stream=mbstream --parallel=4 --target-dir="$root/tmp" > "$out/full.mb"
zstd -q "$out/full.mb" -o "$out/full.mb.zst"
# a shutdown makes a checkpoint, without which an increment goes on from where the full backup did
more() {
  sql -psecret Shop -e "insert into Orders (note) select 'row' from seq_1_to_200; create table if not exists Later (id int); insert into Later values (1); shutdown"
  wait $server
  start
}
more
take --target-dir="$out/increment-1" --incremental-basedir="$out/full"
more
take --stream=mbstream --target-dir="$root/tmp" --incremental-basedir="$out/increment-1" | zstd -q > "$out/increment-2.mb.zst"
sql -psecret -e shutdown
wait $server
if [ "$2" = 11.8 ]; then
  echo '1;a7addd9adea9978fda19f21e6be987880e68ac92632ca052e5bb42b1a506939a' > "$root/keys"
  layout="$layout --plugin-load-add=file_key_management --file-key-management-filename=$root/keys"
  start
  sql -psecret Shop -e "create table Secrets (id int) encrypted=yes; insert into Secrets values (1); shutdown"
  wait $server
  start
  take --stream=mbstream --target-dir="$root/tmp" > "$out/encrypted.mb"
  sql -psecret -e shutdown
  wait $server
  tar -C "$root/data" -cf "$out/encrypted.tar" .
fi
tar -c -C "$root" "$2"
`;
