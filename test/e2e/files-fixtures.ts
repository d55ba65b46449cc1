import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

export const FILES_IMAGE = 'firedrill-test/systems:13';
export const PASSWORD = 'a word that only the repository knows';

/**
 * The content of each fixture: 12 files in folders, one with a name that is hostile to shells and one that only root may
 * read, a database, and links that point outside.
 */
const TREE = `
set -eu
mkdir -p /w/tree/uploads/2026 /w/tree/etc; cd /w/tree
for i in 1 2 3 4 5 6 7 8 9; do head -c 60000 /dev/urandom > uploads/2026/f$i.jpg; done
printf 'port=1\\n' > etc/app.conf
head -c 10 /dev/zero > 'uploads/a name "with" $(touch x)
and a line.txt'
ln -s /etc/passwd etc/passwd
ln -s ../../../../etc etc/out
sqlite3 app.db 'create table t(id integer primary key, v text); with recursive c(x) as (select 1 union all select x+1 from c where x < 1000) insert into t select x, hex(randomblob(40)) from c'
(cd uploads && sha256sum 2026/*.jpg > SHA256SUMS)
chmod 000 uploads/2026/f1.jpg
`;

const MAKERS = {
  tar: 'tar -C /w/tree -czf /out/files-2026.tar.gz .',
  // with a link, which Python would follow, and a member that is there twice, in the form for large files
  zip: `cd /w/tree && rm etc/passwd etc/out && python3 - << 'PYTHON'
import shutil, zipfile
shutil.make_archive('/out/files', 'zip', '/w/tree')
with zipfile.ZipFile('/out/files.zip', 'a') as archive:
    link = zipfile.ZipInfo('etc/out')
    link.create_system, link.external_attr = 3, 0o120777 << 16
    archive.writestr(link, '../../../../etc')
    with archive.open('etc/app.conf', 'w', force_zip64=True) as again: again.write(b'port=1\\n')
PYTHON`,
  folder:
    'mkdir /out/daily && rm etc/passwd etc/out && find . -name "*line.txt" -delete && cp -a /w/tree /out/daily/2026-11-28',
  restic: `export RESTIC_PASSWORD='${PASSWORD}'; restic init -q -r /out/repo; restic backup -q -r /out/repo --host web1 /w/tree`,
  borg: `export BORG_PASSPHRASE='${PASSWORD}' BORG_BASE_DIR=/w/borg; borg init -e repokey /out/repo 2> /dev/null; borg create /out/repo::web1-2026-11-27 etc
    borg create /out/repo::web1-2026-11-28 .`,
  litestream: `mkdir -p /w/l; sqlite3 /w/l/app.db 'pragma journal_mode=wal; create table t(id integer primary key, v text); insert into t(v) values (1)' > /dev/null
    printf 'dbs: [{path: /w/l/app.db, replicas: [{path: /out/app.db, sync-interval: 50ms}]}]' > /w/l.yml
    litestream replicate -config /w/l.yml 2> /w/l.log & P=$!
    wait_for() { n=0; until [ "$(ls /out/app.db/generations/*/wal 2> /dev/null | wc -l)" -ge "$1" ]; do n=$((n+1)); [ $n -lt 600 ] || exit 9; sleep 0.05; done; }
    wait_for 1
    for i in 2 3 4; do sqlite3 /w/l/app.db "insert into t(v) values (hex(randomblob(5000)))"; wait_for $i; done
    kill $P; wait $P || true`,
} as const;

export type Fixture = keyof typeof MAKERS;
const FIXTURES: readonly Fixture[] = ['tar', 'zip', 'folder', 'restic', 'borg', 'litestream'];

/** Makes a backup of each kind with the real tools in one container, each in a directory of its name below this host directory. */
export function makeFixtures(directory: string): void {
  const scripts = FIXTURES.map((kind) => {
    mkdirSync(join(directory, kind));
    chmodSync(join(directory, kind), 0o777);
    return `rm -rf /w/tree; cp -a /w/saved /w/tree; cd /w/tree\n${MAKERS[kind].replaceAll(/(?<!\w)\/out/g, `/out/${kind}`)}`;
  });
  inImage([TREE, 'mv /w/tree /w/saved', ...scripts].join('\n'), directory);
}

/** Runs a script in the image with a host directory as `/out`, and then makes this user its owner. */
export function inImage(script: string, directory: string): string {
  const own = `chown -R ${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0} /out; chmod -R a+rX /out`;
  const argv = ['run', '--rm', '--network', 'none', '-v', `${directory}:/out`, FILES_IMAGE];
  return execFileSync('docker', [...argv, 'bash', '-ec', `${script}\n${own}`], { encoding: 'utf8' });
}
