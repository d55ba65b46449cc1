import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { KeyRing } from '../../../src/backup/layer.ts';
import { shareSandboxes } from '../../support/clear-sandbox.ts';
import { isFullMatrix } from '../../support/full-matrix.ts';
import {
  makeWorkDirectory,
  never,
  openBackup,
  restoreInto,
  startSandbox,
  startSource,
  type Target,
} from './restoring.ts';

const KEY = 'a7addd9adea9978fda19f21e6be987880e68ac92632ca052e5bb42b1a506939a';
const RIGHT = `1;${KEY}\n`;
const WRONG = `1;${KEY.replace('a7', 'b7')}\n`;

/** @param used receives the name of each key that proved right. */
function ringOf(text: string, used: string[] = []): KeyRing {
  const key = { name: 'the variable TABLE_KEYS', text };
  return { isEmpty: false, read: async () => [key], noteUse: (_, given) => void used.push(given?.name ?? '') };
}

describe.skipIf(!inject('dockerAnswers')).each([
  ['mariadb:11.8', 'aes_cbc', 'full.mb', 'aria.tar'],
  ['mariadb:10.11', 'aes_ctr', 'copy.tar', 'aria.mb'],
] as const)('tables, logs and Aria files that %s encrypts with %s', (server, algorithm, whole, aria) => {
  const wholes = isFullMatrix ? ['full.mb', 'copy.tar'] : [whole]; // one layout per server, since encryption does not depend on it
  const arias = isFullMatrix ? ['aria.mb', 'aria.tar'] : [aria];
  // how a key is refused does not depend on the server
  const refuses = isFullMatrix || server === 'mariadb:11.8';
  const target: Target = { runtime: 'docker', server };
  const boxes = shareSandboxes(startSandbox);
  let directory: Awaited<ReturnType<typeof makeWorkDirectory>>;
  const open = (name: string, keys?: KeyRing) => openBackup(directory.path, name, keys);

  beforeAll(async () => {
    directory = await makeWorkDirectory();
    await using box = await startSource(target);
    for (const name of [...wholes, ...arias]) {
      const argv = ['bash', '-c', TAKE, 'take', `${box.paths.scratch}/primary`, name, KEY, algorithm];
      const said: string[] = [];
      const { exitCode } = await box.exec(argv, {
        signal: never,
        stdout: createWriteStream(join(directory.path, name)),
        onStderrLine: (line) => said.push(line),
      });
      if (exitCode !== 0) throw new Error(`no backup: ${said.slice(-10).join('\n')}`);
    }
  });

  afterAll(async () => {
    await boxes[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  it.each(wholes)('can be read with the key file that the drill names: %s', async (name) => {
    const box = await boxes.take(target);
    const used: string[] = [];
    await using restored = await restoreInto(box, target, await open(name, ringOf(RIGHT, used)), { database: 'shop' });
    expect(restored.outcome).toMatchObject({ errorCount: 0 });
    const sql = 'select (select count(*) from secrets), (select count(*) from plain), (select count(*) from aria)';
    expect((await restored.check(sql)).rows).toEqual([[500n, 1n, 1n]]);
    expect(used).toEqual(['the variable TABLE_KEYS']);
    await expect(restored.ask("select length(load_file('/dev/shm/.firedrill-keys'))")).resolves.toEqual(['NULL']);
    const { stdout } = await box.exec(['grep', '-rlF', KEY, box.paths.scratch, box.paths.data], { signal: never });
    expect(stdout).toBe(''); // the key is only in memory
    expect(await argumentsOfServer(box)).not.toContain(KEY);
  });

  it.each(arias)('can be read when only Aria tables are encrypted: %s', async (name) => {
    const box = await boxes.take(target);
    const settings = { file_key_management_encryption_algorithm: algorithm }; // a tar does not record it
    const options = { database: 'shop', settings };
    await using restored = await restoreInto(box, target, await open(name, ringOf(RIGHT)), options);
    expect(restored.outcome).toMatchObject({ errorCount: 0 });
    expect((await restored.check('select (select count(*) from plain), (select count(*) from aria)')).rows).toEqual([
      [1n, 1n],
    ]);
  });

  it.runIf(refuses).each(arias)('are named in the error when only Aria tables are encrypted: %s', async (name) => {
    const box = await boxes.take(target);
    await expect(restoreInto(box, target, await open(name, ringOf('a passphrase')))).rejects.toMatchObject({
      code: 'image-incomplete',
      message: `${name} is encrypted by the server itself: pages of shop/aria.MAI cannot be read without its key`,
    });
    await box.exec(['sh', '-c', 'rm -rf "$1"/*', 'sh', box.paths.data], { signal: never });
    await expect(restoreInto(box, target, await open(name, ringOf(WRONG)))).rejects.toMatchObject({
      code: 'key-wrong',
    });
  });

  it.runIf(refuses).each(wholes)('cannot be read with another key: %s', async (name) => {
    const box = await boxes.take(target);
    await expect(restoreInto(box, target, await open(name, ringOf(WRONG)))).rejects.toMatchObject({
      code: 'key-wrong',
      message: `${name} is encrypted by the server itself, and shop/secrets.ibd does not open with the variable TABLE_KEYS`,
    });
  });

  it.runIf(refuses).each(wholes)('are refused without a key file: %s', async (name) => {
    const box = await boxes.take(target);
    await expect(restoreInto(box, target, await open(name, ringOf('a passphrase')))).rejects.toMatchObject({
      code: 'image-incomplete',
      message: expect.stringMatching(/is encrypted by the server itself/),
      hint: expect.stringMatching(/`backup\.keys` to the key file/),
    });
  });
});

async function argumentsOfServer(box: Awaited<ReturnType<typeof startSandbox>>): Promise<string> {
  const { stdout } = await box.exec(['sh', '-c', "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"], { signal: never });
  expect(stdout).toContain('file-key-management-filename');
  return stdout;
}

const TAKE = `
set -euo pipefail
root=$1
mkdir -p "$root/tmp"
printf '1;%s\\n' "$3" > "$root/keys"
keys="--plugin-load-add=file_key_management --file-key-management-filename=$root/keys --file-key-management-encryption-algorithm=$4"
all="--innodb-encrypt-log --aria-encrypt-tables --innodb-encrypt-tables=ON"
case $2 in aria.*) root=$1-aria all=--aria-encrypt-tables; mkdir -p "$root/tmp" ;; esac
sql() { mariadb --no-defaults -S "$root/socket" -u root "$@"; }
start() {
mariadbd --no-defaults --datadir="$root/data" --tmpdir="$root/tmp" --socket="$root/socket" --pid-file="$root/pid" --skip-networking $keys $all 2> "$root/log" &
server=$!
while read -r line; do case $line in *'ready for connections'*) break ;; esac; done < <(tee /dev/stderr < "$root/log")
}
if [ ! -d "$root/data" ]; then
mariadb-install-db --no-defaults --datadir="$root/data" --tmpdir="$root/tmp" --auth-root-authentication-method=normal --skip-test-db >&2
mkfifo "$root/log"
start
sql <<'SQL'
create database shop; use shop;
create table plain (id int) encrypted=no;
insert into plain values (1);
create table secrets (id int primary key, note varchar(20));
insert into secrets select seq, 'secret' from seq_1_to_500;
create table aria (id int) engine=aria transactional=1;
insert into aria values (1);
shutdown;
SQL
wait $server # its tables are written then, encrypted
fi
case $2 in *.mb) ;; *) tar -C "$root/data" -c .; exit ;; esac
start
mariadb-backup --no-defaults --user=root --socket="$root/socket" --datadir="$root/data" --backup --stream=mbstream --target-dir="$root/tmp" 2>> "$root/said"
sql -e shutdown
wait $server
`;
