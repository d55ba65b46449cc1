import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { foreignContent, refuseUnreadable } from '../../../src/engines/recognition/foreign-content.ts';
import { namesInTar } from '../../../src/engines/recognition/tar-names.ts';
import { type EngineType, engineOf } from '../../../src/engines/registry.ts';
import type { DrillError } from '../../../src/support/errors.ts';
import { isTarHeader } from '../../../src/support/tar-header.ts';
import { bytesContent } from '../../support/fake-content.ts';
import { makeArchive } from '../postgres/formats/archive/archive-bytes.ts';

const PG_HEAD = '--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n';
const MARIADB_HEAD = '/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19  Distrib 11.8.6-MariaDB\n--\n';

function refusal(content: string | Buffer, tool = 'pg_dump'): DrillError | undefined {
  try {
    refuseUnreadable('shop.sql', Buffer.from(content), tool);
    return undefined;
  } catch (error) {
    return error as DrillError;
  }
}

function said(content: string | Buffer, tool?: string): string {
  const error = refusal(content, tool);
  return error ? `${error.code}: ${error.message} / ${error.hint}` : 'let through';
}

/** The first page of a segment, as PostgreSQL's XLogLongPageHeaderData describes it. */
function walSegment(magic: number, segmentBytes: number, pageBytes = 8192): Buffer {
  const page = Buffer.alloc(8192);
  page.writeUInt16LE(magic, 0);
  page.writeUInt16LE(2, 2);
  page.writeUInt32LE(segmentBytes, 32);
  page.writeUInt32LE(pageBytes, 36);
  return page;
}

describe('text in a wide encoding', () => {
  const le = Buffer.from(PG_HEAD, 'utf16le');
  it.each([
    ['with a byte order mark', Buffer.concat([Buffer.from([0xff, 0xfe]), le])],
    ['in the other byte order', Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(le).swap16()])],
    ['without a byte order mark', le],
    ['in the other byte order without a byte order mark', Buffer.from(le).swap16()],
    ['with a mangled archive', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('PGDMP\u0001', 'utf16le')])],
  ])('%s is recognised, with advice', (_how, content) => {
    expect(said(content)).toMatch(/^backup-unrecognised: shop.sql is text in UTF-16.*PowerShell.*`pg_dump -f FILE`/);
    expect(said(content, 'mysqldump')).toContain('`mysqldump --result-file=FILE`');
  });

  it('is not detected in UTF-8 with a byte order mark, or in binary data', () => {
    expect(said(`\u{feff}${PG_HEAD}`)).toBe('let through');
    expect(said(makeArchive({}))).toBe('let through');
    expect(said(Buffer.from('0100020003000400050006000700080009000a00', 'hex'))).toBe('let through');
  });
});

describe('an archive with converted line endings', () => {
  const changed = Buffer.from(makeArchive({}).toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
  const told = (bytes: Buffer): Promise<string> =>
    engineOf('postgres')
      .inspect(bytesContent(bytes, 'shop.sql'), new AbortController().signal)
      .then(
        () => 'let through',
        (error: DrillError) => `${error.code}: ${error.message} / ${error.hint}`,
      );

  it('is reported as such', async () => {
    expect(await told(changed)).toMatch(/^backup-corrupt: .*line endings were changed.*without `-t`/);
    expect(await told(makeArchive({}))).toBe('let through');
  });

  it('is reported even for gzip that was rewritten as UTF-8', () => {
    expect(said(Buffer.from('1fefbfbd0800', 'hex'))).toMatch(/^backup-corrupt: .*rewritten as if it were text/);
    expect(said(Buffer.from('1fc28b0800', 'hex'))).toMatch(/^backup-corrupt: .*rewritten as if it were text/);
  });
});

describe('a recognised format that is not supported', () => {
  const zip = (name: string, rest: string) => {
    const header = Buffer.alloc(30);
    header.write('PK\u0003\u0004');
    header.writeUInt16LE(name.length, 26);
    return Buffer.concat([header, Buffer.from(name + rest)]);
  };
  const cpio = `070701${'0'.repeat(88)}00000009${'0'.repeat(8)}dump.sql\0`;

  it.each([
    ['zip, stored', zip('dump.sql', PG_HEAD), 'a zip archive that holds dump.sql'],
    ['zip with a malicious name', zip('\u001b[31m', ''), 'a zip archive that holds \\u001b[31m'],
    ['cpio with a dump in it', `${cpio}\0\0${PG_HEAD}`, 'a cpio archive that holds dump.sql'],
    ['7z', Buffer.from('377abcaf271c0004', 'hex'), 'a 7z archive'],
    ['rar', Buffer.from('526172211a0700', 'hex'), 'a rar archive'],
    ['SQLite', 'SQLite format 3\0', 'an SQLite database'],
    ['Parquet', 'PAR1\u0015', 'a Parquet file'],
    ['lzip', 'LZIP\u0001', 'compressed with lzip'],
    ['a virtual machine', 'VMA\0\0\0\0\u0001', 'a virtual machine by vzdump of Proxmox VE (VMA)'],
    ['zfs send', Buffer.from('0000000000000000accbbaf502000000', 'hex'), 'a stream of `zfs send`'],
    ['WAL of 15', walSegment(0xd110, 2 ** 24), 'a segment of PostgreSQL’s log (WAL)'],
    ['WAL of 18 in segments of 64 MiB', walSegment(0xd118, 2 ** 26), 'a segment of PostgreSQL’s log (WAL)'],
    [
      'the history of a backup',
      'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\nSTOP WAL LOCATION: 0/2000100',
      'a label of a PostgreSQL base backup, without the backup',
    ],
    [
      'the history of a timeline',
      '1\t0/F000000\tno recovery target specified\n',
      'a timeline history file of PostgreSQL',
    ],
    [
      'the index of a Barman server',
      '000000010000000000000002\t16777216\t1732845601.25\tgzip\n',
      'the list of log files that a Barman server keeps (xlog.db)',
    ],
    ['signed by gpg', Buffer.from('a3015cb94d8eb53b', 'hex'), 'signed with OpenPGP'],
    ['signed by gpg -z 0', Buffer.from('900d03000a16aabb', 'hex'), 'signed with OpenPGP'],
  ])('%s is refused by name', (_what, content, what) => {
    expect(said(content)).toContain(`format-unsupported: shop.sql is ${what}, which Firedrill does not read / `);
  });

  it.each([
    ['a first page of another size', walSegment(0xd110, 2 ** 24, 8000)],
    ['a segment of another size', walSegment(0xd110, 2 ** 24 + 1)],
    ['another magic', walSegment(0x1234, 2 ** 24)],
  ])('%s is not a WAL segment', (_what, content) => {
    expect(said(content)).toBe('let through');
  });

  it.each([
    ['app.db', 'SQLite format 3\0', 'is an SQLite database, which'],
    ['vzdump-qemu-100.vma', 'VMA\0\0\0\0\u0001', 'is a virtual machine by vzdump of Proxmox VE (VMA), which'],
    ['photos.7z', Buffer.from('377abcaf271c0004', 'hex'), 'is a 7z archive, which'],
    [
      'Backup Job 1D2026-11-30T020000.vbk',
      Buffer.from('0003000000', 'hex'),
      'is named like a backup of machines by Veeam, which',
    ],
  ])('is named by an engine that takes any content: %s', (key, content, what) => {
    const error = foreignContent(key, Buffer.from(content), { program: 'tar', none: 'not a folder', hint: 'Look.' });
    expect(`${error.code}: ${error.message}`).toBe(`format-unsupported: ${key} ${what} Firedrill does not read`);
  });

  it('an empty zip is an empty backup', () => {
    expect(said(Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)]))).toMatch(/^backup-empty: .* zip/);
  });
});

describe('content decrypted without an integrity check', () => {
  const saidOf = (content: Buffer, looksRandom: boolean): string => {
    try {
      refuseUnreadable('shop.sql', content, 'pg_dump', { encryption: 'OpenSSL', looksRandom });
      return 'let through';
    } catch (error) {
      return (error as DrillError).message;
    }
  };

  it.each([
    ['7z', '377abcaf271c0004', 'shop.sql is a 7z archive', 'shop.sql is a 7z archive'],
    ['signed by gpg', 'a3015cb94d8eb53b', 'shop.sql is signed with OpenPGP', 'let through'],
    ['UTF-16', 'fffe5cb94d8eb53b', 'shop.sql is text in UTF-16', 'let through'],
  ])('%s: a match of two bytes is coincidence when everything else looks random', (_what, hex, said, saidOfRandom) => {
    const content = Buffer.from(hex, 'hex');
    expect(saidOf(content, false)).toContain(said);
    expect(saidOf(content, true)).toContain(saidOfRandom);
  });
});

describe('an error message instead of a dump', () => {
  it.each([
    'gzip: compressed data not written to a terminal. Use -f to force compression.\r\nFor help, type: gzip -h\r\n',
    'the input device is not a TTY\n',
    'mysqldump: Got error: 1045: "Access denied for user" when trying to connect\n',
    'pg_dump: error: connection to server at "db", port 5432 failed\n',
    '/usr/bin/mysqldump: Deprecated program name.\n',
    'sh: 1: pg_dump: not found\n',
    '/backup.sh: line 12: mariadb-dump: command not found\n',
    'Error response from daemon: No such container: db\n',
    'Error from server (NotFound): pods "pg-0" not found\n',
    'An error occurred (403) when calling the HeadObject operation: Forbidden\n',
    'Unable to connect to the server: dial tcp 10.0.0.1:443: i/o timeout\n',
    'OCI runtime exec failed: exec failed: unable to start container process\n',
    "ERROR 2002 (HY000): Can't connect to local server\n",
    'Traceback (most recent call last):\n  File "x"\n',
    'time="2026-11-28T02:00:00Z" level=fatal msg="no"\n',
    'Enter password: \n',
    'From root@db1 Mon Nov 30 02:00:01 2026\nSubject: Cron <root@db1> backup.sh\n\nno space\n',
  ])('%j is quoted', (text) => {
    const line = text.split(/\r?\n/)[0]?.trim() ?? '';
    const error = refusal(text);
    expect(error?.code).toBe('backup-unrecognised');
    expect(error?.message).toBe(`shop.sql contains a program’s message instead of a dump: "${line}"`);
  });

  it.each([
    `Defaulted container "postgres" out of: postgres, metrics\n${PG_HEAD}`,
    `mysqldump: [Warning] Using a password on the command line interface can be insecure.\n${MARIADB_HEAD}`,
    `pg_dump: warning: there are circular foreign-key constraints\n${PG_HEAD}`,
    `Enter password: ${MARIADB_HEAD}`,
    `Password for user app: ${PG_HEAD.trimStart()}`,
    `Return-Path: <root@db1>\nSubject: Cron <root@db1> mysqldump shop\n\n${MARIADB_HEAD}`,
  ])('%j before a dump is distinguished, with advice on redirection', (text) => {
    expect(said(text)).toMatch(/^backup-unrecognised: shop.sql begins with a program’s message.*`2> dump.log`/);
  });

  it('is printed without control sequences, and shortened', () => {
    const message = refusal(`gzip: \u001b[2J${'x'.repeat(500)}\n`)?.message ?? '';
    expect(message).toContain('"gzip: \\u001b[2Jxxx');
    expect(message.length).toBeLessThan(300);
  });

  it.each([
    PG_HEAD,
    MARIADB_HEAD,
    '-- error: this is a comment\nCREATE TABLE a (id int);\n',
    '# Warning: made by hand\nCREATE TABLE a (id int);\n',
    "CREATE TABLE t (a text);\nINSERT INTO t VALUES ('sh: 1: not found');\n",
    '\\restrict abc\nSET x = 1;\n',
  ])('is not detected in SQL: %j', (text) => {
    expect(said(text)).toBe('let through');
  });

  it.each([
    ['<!DOCTYPE html>\n<html>', 'an HTML page'],
    [`<html><body>502</body></html>\n${PG_HEAD}`, 'an HTML page'],
    ['<?xml version="1.0"?>\n<Error><Code>SlowDown</Code></Error>', 'an error answer of an object store (SlowDown)'],
    ['{"message": "Server Error"}', 'a JSON document'],
  ])('%j is not a dump either', (text, what) => {
    expect(said(text)).toContain(`backup-unrecognised: shop.sql is not a dump: it looks like ${what}`);
  });

  it('is reported as an empty backup if it is only whitespace', () => {
    expect(said('\n'.repeat(5000))).toMatch(/^backup-empty: shop.sql holds only blanks/);
  });
});

it.each([
  ['SQL', Buffer.from(PG_HEAD.repeat(2))],
  ['a pg_dump archive', Buffer.concat([Buffer.from('PGDMP'), Buffer.alloc(90, 7)])],
  ['gzip data', gzipSync(`${PG_HEAD}${MARIADB_HEAD}`)],
])('%s in base64 is not a backup, with or without line breaks', (what, bytes) => {
  const text = bytes.toString('base64');
  const lines = text.replace(/.{76}/g, '$&\n');
  for (const written of [text, `${lines}\n`])
    expect(said(written)).toMatch(`backup-unrecognised: shop.sql is ${what} in base64`);
});

it('letters and digits that are not a backup in base64 are allowed', () => {
  expect(said('a'.repeat(400))).toBe('let through');
});

it('SQL with a zero byte in its first lines is damaged', () => {
  expect(said(`${PG_HEAD}CREATE TABLE\0\0\0\0`)).toMatch(
    /^backup-corrupt: .* begins as SQL text, but has a zero byte at offset 74/,
  );
});

describe('unrecognised content', () => {
  const postgres = { program: 'pg_dump', none: 'not a dump', hint: 'Look.' } as const;
  const tar = async (files: Record<string, string>) => {
    const packed = pack();
    for (const [name, text] of Object.entries(files)) packed.entry({ name }, text);
    packed.finalize();
    return buffer(packed);
  };

  it('lists the members of a tar, and does not treat a dump inside as one', async () => {
    const bytes = await tar({ './shop.sql': PG_HEAD, 'crm.sql': PG_HEAD, 'a.sql': '', 'b.sql': '' });
    expect(foreignContent('all.tar', bytes, postgres)).toMatchObject({
      code: 'format-unsupported',
      message:
        'all.tar is a tar that holds shop.sql, crm.sql, a.sql and at least 1 more, which Firedrill does not read',
    });
  });

  it.each([
    [{ PG_VERSION: '17\n', 'base/1/1259': '' }, 'a tar of a PostgreSQL data directory'],
    [{ ibdata1: '', 'shop/orders.ibd': '' }, 'a tar of a MySQL or MariaDB data directory'],
    [
      { './etc/vzdump/pct.conf': '', './var/lib/postgresql/15/main/PG_VERSION': '' },
      'a container by vzdump of Proxmox VE',
    ],
    [{ 'backup/index.yaml': '', 'backup/container/rootfs/bin/sh': '' }, 'an instance exported from LXD or Incus'],
    [{ 'member/wal/0.tmp': '', 'member/snap/db': '' }, 'a tar of the data directory of etcd'],
    [{ 'etcd/member/wal/0000000000000000-0000000000000000.wal': '' }, 'a tar of the data directory of etcd'],
    [{ 'nightly/pg_wal.tar.gz': '' }, 'a tar of the directory that `pg_basebackup --format=tar` writes'],
    [{ 'base.tar': '', backup_manifest: '' }, 'a tar of the directory that `pg_basebackup --format=tar` writes'],
    [{ 'orders.sql': '', 'orders.txt': '1\t2\n' }, 'a tar of a dump by `mysqldump --tab`'],
  ])('names the origin of the tar %j', async (files, what) => {
    expect(foreignContent('all.tar', await tar(files), postgres).message).toContain(what);
  });

  it.each([
    ['a pg_dump archive', Buffer.from('Welcome to db1.\r\n\r\nLast login: today\r\n'), makeArchive({})],
    ['gzip data', Buffer.from('Grüße von db1\n'), gzipSync('CREATE')],
  ])('names %s after the greeting of a login shell', (what, greeting, content) => {
    const error = foreignContent('shop.dump', Buffer.concat([greeting, content]), postgres);
    expect(error.message).toContain(
      `shop.dump starts with text before ${what}, which no client loads: "${greeting.toString().split(/\r?\n/)[0]}"`,
    );
    expect(foreignContent('a', Buffer.concat([Buffer.from('Welcome\n\0\n'), content]), postgres).message).not.toContain(
      what,
    );
    expect(foreignContent('a', Buffer.concat([Buffer.from('Welcome'), content]), postgres).message).not.toContain(what);
  });

  it('detects a tar without magic by its checksum', async () => {
    const bytes = await tar({ 'shop.sql': 'x' });
    bytes.fill(0, 257, 265);
    expect(isTarHeader(bytes)).toBe(false);
    let sum = 0;
    for (let at = 0; at < 512; at += 1) sum += at >= 148 && at < 156 ? 32 : (bytes[at] ?? 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    expect(namesInTar(bytes)).toEqual(['shop.sql']);
  });

  it('is distinguished from a dump of the other product', async () => {
    const codeOf = (text: string, engine: EngineType) =>
      engineOf(engine)
        .inspect(bytesContent(Buffer.from(text), 'a'), new AbortController().signal)
        .catch((error: DrillError) => error.code);
    expect(await codeOf(MARIADB_HEAD, 'postgres')).toBe('engine-mismatch');
    expect(await codeOf(PG_HEAD, 'mysql')).toBe('engine-mismatch');
    expect(
      foreignContent('a', Buffer.from('PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n'), postgres).message,
    ).toContain('SQLite');
    expect(foreignContent('a', Buffer.from('deadbeef0011223344', 'hex'), postgres).message).toBe(
      'a is not a dump: it is binary data that begins with deadbeef00112233',
    );
  });
});
