import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { zstdCompressSync } from 'node:zlib';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { never } from './restoring.ts';
import { streamed } from './xbstream/make-stream.ts';

/** The files that XtraBackup adds to those of a server. */
const smallFiles = (version: string, type: string): Readonly<Record<string, string>> => ({
  'backup-my.cnf':
    '[mysqld]\ninnodb_data_file_path=ibdata1:12582912;ibdata2:8388608:autoextend\ninnodb_page_size=8192\ninnodb_undo_tablespaces=2\nplugin_load=evil.so\n',
  xtrabackup_binlog_info: 'bin.000002\t158\n',
  xtrabackup_checkpoints: `backup_type = ${type}\nfrom_lsn = 0\nto_lsn = 100\nlast_lsn = 100\n`,
  xtrabackup_info: `tool_name = xtrabackup\ntool_version = ${version}-1\nserver_version = ${version}\npartial = N\nincremental = N\n`,
});

/** Turns a copy of a stopped server into the directory that `xtrabackup --prepare` leaves. */
export function writePrepared(copy: string, version: string, directory: string): void {
  cpSync(copy, directory, { recursive: true });
  for (const [name, content] of Object.entries(smallFiles(version, 'full-prepared')))
    writeFileSync(join(directory, name), content);
}

/**
 * Turns a copy of a stopped server into a stream as written by `--stream=xbstream --compress=zstd`. The format of its
 * log is one that only the stand-in reads.
 */
export function writeCompressedStream(copy: string, version: string, file: string): void {
  const log = spawnSync('tar', ['-C', join(copy, '#innodb_redo'), '-cf', '-', '.'], { maxBuffer: 2 ** 28 }).stdout;
  const names = readdirSync(copy, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('#innodb_redo'))
    .map((entry) => join(entry.parentPath, entry.name).slice(copy.length + 1));
  const packed = (name: string, content: Buffer | string): Buffer =>
    streamed(`${name}.zst`, zstdCompressSync(Buffer.from(content)), 65_536);
  const { xtrabackup_checkpoints: checkpoints, ...others } = smallFiles(version, 'full-backuped');
  writeFileSync(
    file,
    Buffer.concat([
      ...names.map((name) => packed(name, readFileSync(join(copy, name)))),
      packed('xtrabackup_logfile', log),
      streamed('xtrabackup_checkpoints', checkpoints),
      ...Object.entries(others).map(([name, content]) => packed(name, content)),
    ]),
  );
}

/** The sandbox with programs that behave as XtraBackup's are documented to. */
export async function withStandIn(sandbox: Sandbox, version: string): Promise<Sandbox> {
  const tools = `${sandbox.paths.scratch}/stand-in`;
  for (const [name, text] of [
    ['xtrabackup', XTRABACKUP.replaceAll('VERSION', version)],
    ['xbstream', XBSTREAM],
  ] as const) {
    const script = 'mkdir -p "$1" && cat > "$1/$2" && chmod 755 "$1/$2"';
    await sandbox.exec(['sh', '-c', script, 'sh', tools, name], { signal: never, stdin: Readable.from([text]) });
  }
  return Object.create(sandbox, { binDirs: { value: [tools] } });
}

const XTRABACKUP = `#!/bin/sh
set -eu
for option in "$@"; do case $option in --target-dir=*) cd "\${option#*=}" ;; esac; done
case " $* " in
  *' --version '*) echo 'xtrabackup version VERSION-1 based on MySQL server VERSION Linux (x86_64)' >&2 ;;
  *' --decompress '*) find . -name '*.zst' -exec zstd -q -d --rm {} + ;;
  *' --prepare '*)
    grep -q 'backup_type = full-backuped' xtrabackup_checkpoints
    [ -f xtrabackup_logfile ] || { echo '[ERROR] [Xtrabackup] cannot find xtrabackup_logfile' >&2; exit 1; }
    mkdir '#innodb_redo'
    tar -xf xtrabackup_logfile -C '#innodb_redo'
    rm xtrabackup_logfile
    sed -i s/full-backuped/full-prepared/ xtrabackup_checkpoints
    echo 'completed OK!' >&2 ;;
esac
`;

const XBSTREAM = `#!/usr/bin/perl
use strict;
binmode STDIN;
chdir $ARGV[2] or die "$ARGV[2]: $!";
sub take {
  my ($length, $bytes) = (shift, '');
  while (length $bytes < $length) {
    read(STDIN, $bytes, $length - length $bytes, length $bytes) or die "xb_stream_read_chunk(): my_read() failed.\\n";
  }
  return $bytes;
}
my $head;
while (my $got = read(STDIN, $head, 14)) {
  die "xb_stream_read_chunk(): unexpected end of stream\\n" if $got < 14;
  my ($magic, $flags, $type, $length) = unpack 'a8 C a1 V', $head;
  my $path = take($length);
  die "xbstream: invalid filename $path\\n" if $path =~ m{(?:^|/)[.][.](?:/|$)};
  next if $type eq 'E' && -e $path;
  system 'mkdir', '-p', $1 if $path =~ m{^(.*)/};
  open my $file, '>>:raw', $path or die "$path: $!";
  next if $type eq 'E';
  my ($size) = unpack 'Q<', take(20);
  print $file take($size);
}
`;
