import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceForRecord } from '../../src/backup/registry.ts';
import { definitionForRecord } from '../../src/config/definition.ts';
import { loadDrills, readDrills } from '../../src/config/load-drills.ts';
import { Redactor } from '../../src/support/redact.ts';
import { must } from '../contracts/source-contract.ts';
import { drillText, problemsOf, workspace } from './loading.ts';

function backup(keys: string): string {
  return drillText({ backup: `backup: { match: '*', ${keys} }` });
}

async function sourceOf(keys: string, env: Record<string, string> = {}, files: Record<string, string> = {}) {
  const cwd = await workspace({ 'drills/d.yaml': backup(keys), ...files });
  const redactor = new Redactor();
  const [drill] = await loadDrills(['drills/d.yaml'], { cwd, env, redactor });
  return { source: drill?.backup.source, cwd, redactor };
}

const S3 = {
  endpoint: undefined,
  region: undefined,
  forcePathStyle: undefined,
  profile: undefined,
  credentials: undefined,
};

describe('a backup source', () => {
  it.each([
    ['s3://acme/orders/', { bucket: 'acme', prefix: 'orders/' }],
    ['s3://acme/orders', { bucket: 'acme', prefix: 'orders/' }],
    ['s3://acme', { bucket: 'acme', prefix: '' }],
    ['s3://acme/', { bucket: 'acme', prefix: '' }],
    ['s3://my.bucket_1/a/b c/', { bucket: 'my.bucket_1', prefix: 'a/b c/' }],
  ])('%s is a bucket and a prefix', async (url, location) => {
    expect((await sourceOf(`source: "${url}"`)).source).toEqual({ type: 's3', ...location, ...S3 });
  });

  it('takes S3 options next to the source or with its url', async () => {
    const keys =
      'endpoint: https://s3.example.com, region: eu-1, forcePathStyle: true, profile: drills, requestPayer: true';
    const expected = {
      type: 's3',
      bucket: 'acme',
      prefix: '',
      ...S3,
      endpoint: 'https://s3.example.com',
      region: 'eu-1',
      forcePathStyle: true,
      profile: 'drills',
      requestPayer: true,
    };
    expect((await sourceOf(`source: s3://acme, ${keys}`)).source).toEqual(expected);
    expect((await sourceOf(`source: { url: s3://acme, ${keys} }`)).source).toEqual(expected);
  });

  it('assumes a role at its own STS, or at that of its store', async () => {
    const keys = 'roleArn: "arn:aws:iam::${ACCOUNT}:role/drills", endpoint: https://s3.example.com';
    const { source } = await sourceOf(`source: s3://acme, ${keys}`, { ACCOUNT: '123' });
    const role = { arn: 'arn:aws:iam::123:role/drills', externalId: undefined, stsEndpoint: 'https://s3.example.com' };
    expect(source).toMatchObject({ role });
    const own = await sourceOf(`source: s3://acme, ${keys}, stsEndpoint: https://sts.example.com`, { ACCOUNT: '123' });
    expect(own.source).toMatchObject({ role: { ...role, stsEndpoint: 'https://sts.example.com' } });
  });

  it('names where the SSE-C key is, and records only that', async () => {
    const { source, cwd } = await sourceOf('source: { url: s3://acme, sseCustomerKey: { file: sse.key } }');
    expect(source).toMatchObject({ sseCustomerKey: { key: { file: 'sse.key' }, directory: join(cwd, 'drills') } });
    expect(sourceForRecord(must(source))).toMatchObject({ sseCustomerKey: { file: 'sse.key' } });
  });

  it.each([
    [
      'select: { asOf: 2026-11-27T03:00:00+01:00 }',
      { select: { by: 'latest' }, asOf: new Date('2026-11-27T02:00:00Z') },
    ],
    ['select: { asOf: 36h, key: a.dump }', { select: { by: 'key', key: 'a.dump' }, asOf: { agoMs: 129_600_000 } }],
    ['select: a.dump', { select: { by: 'key', key: 'a.dump' } }],
  ])('chooses by %s', async (keys, expected) => {
    const cwd = await workspace({ 'drills/d.yaml': backup(`source: s3://acme, ${keys}`) });
    const [drill] = await loadDrills(['drills/d.yaml'], { cwd, env: {}, redactor: new Redactor() });
    expect(drill?.backup).toMatchObject(expected);
  });

  it('is a directory relative to the drill file', async () => {
    const { source, cwd } = await sourceOf('source: ../backups');
    expect(source).toEqual({ type: 'directory', path: join(cwd, 'backups'), written: '../backups' });
    expect((await sourceOf('source: /srv/backups')).source).toMatchObject({ path: '/srv/backups' });
  });

  it.each([
    ['rclone:store:acme/orders/', { remote: 'store', path: 'acme/orders' }],
    ['rclone:my store_2:/srv/a:b', { remote: 'my store_2', path: '/srv/a:b' }],
    ['rclone:store:/', { remote: 'store', path: '/' }],
    ['rclone:store:', { remote: 'store', path: '' }],
  ])('%s is a remote and a path', async (url, location) => {
    expect((await sourceOf(`source: "${url}"`)).source).toEqual({ type: 'rclone', ...location });
  });

  it('is a program that runs in the directory of the drill file', async () => {
    const keys = 'source: { command: { list: [./ls], read: [cat, "{key}"], env: [TOKEN] } }';
    const { source, cwd } = await sourceOf(keys, { TOKEN: 'hunter2' });
    expect(source).toEqual({
      type: 'command',
      list: ['./ls'],
      read: ['cat', '{key}'],
      env: ['TOKEN'],
      directory: join(cwd, 'drills'),
    });
  });

  it('is recorded without its directory, which differs between machines', async () => {
    const cwd = await workspace({ 'd.yaml': backup('source: { command: { list: [./ls], read: [cat, "{key}"] } }') });
    const [drill] = await loadDrills(['d.yaml'], { cwd, env: {}, redactor: new Redactor() });
    const recorded: unknown = JSON.parse(definitionForRecord(must(drill)));
    expect(recorded).toMatchObject({
      backup: { source: { type: 'command', list: ['./ls'], read: ['cat', '{key}'], env: [] } },
    });
    expect(JSON.stringify(recorded)).not.toContain(cwd);
  });

  it('has its variables expanded, with defaults when they are unset or empty', async () => {
    const keys = 'source: "s3://${BUCKET}/${PREFIX:-orders}/", endpoint: "http://${HOST:-localhost:9000}"';
    expect((await sourceOf(keys, { BUCKET: 'acme', PREFIX: '' })).source).toMatchObject({
      bucket: 'acme',
      prefix: 'orders/',
      endpoint: 'http://localhost:9000',
    });
  });

  it.each([
    [
      'source: https://s3.example.com/acme',
      'source: must be s3://BUCKET/PREFIX/, rclone:REMOTE:PATH or a directory such as ./backups; https:// is not known; the URL of an S3-compatible store goes into backup.endpoint',
    ],
    [
      'source: gs://acme/orders',
      'source: must be s3://BUCKET/PREFIX/, rclone:REMOTE:PATH or a directory such as ./backups; gs:// is not known',
    ],
    [
      'source: backups',
      'source: must be s3://BUCKET/PREFIX/, rclone:REMOTE:PATH or a directory such as ./backups; a directory begins with ./ or ../ or /',
    ],
    [
      'source: "rclone:store"',
      'source: must be rclone:REMOTE:PATH, with the name of a remote as `rclone listremotes` shows it',
    ],
    [
      'source: "rclone:-x:y"',
      'source: must be rclone:REMOTE:PATH, with the name of a remote as `rclone listremotes` shows it',
    ],
    ...['rclone::sftp,host=h,pass=secret:/x', 'rclone:store,pass=secret:/x', 'rclone::local:/x'].map((url) => [
      `source: "${url}"`,
      'source: must not define a remote by itself; name one of rclone’s configuration (`rclone config`) or of its environment (`RCLONE_CONFIG_NAME_TYPE` and so on)',
    ]),
    [
      'source: "rclone:store:x", region: eu-1',
      'region: is for s3:// sources only, and this source is an rclone remote',
    ],
    ['source: ~/backups', 'source: "~" is not replaced; write ${HOME}/backups'],
    ['source: s3:///orders', 'source: has no valid bucket name; must be s3://BUCKET/PREFIX/, not "s3:///orders"'],
    [
      'source: s3://AKIA:secret@acme/',
      'source: must not hold credentials or a port; name the bucket only, and use backup.accessKeyId, backup.secretAccessKey and backup.endpoint',
    ],
    ['source: ./b, region: eu-1', 'region: is for s3:// sources only, and this source is a directory'],
    [
      'source: s3://acme, endpoint: localhost',
      'endpoint: must be a URL such as https://s3.example.com, not "localhost"',
    ],
    ['source: s3://acme, endpoint: ftp://x', 'endpoint: must begin with https:// or http://, not "ftp://x"'],
    [
      'source: s3://acme, endpoint: https://a:b@x',
      'endpoint: must not hold credentials; use backup.accessKeyId and backup.secretAccessKey',
    ],
    ['source: { url: s3://acme, region: a }, region: b', 'region: is set both here and in backup.source; keep one'],
    [
      'source: { region: a }',
      'source.url: is missing; must be s3://BUCKET/PREFIX/, rclone:REMOTE:PATH or a directory such as ./backups',
    ],
    [
      'source: 5',
      'source: must be s3://BUCKET/PREFIX/, rclone:REMOTE:PATH or a directory such as ./backups, or a mapping with url or command, not 5',
    ],
    [
      'source: { command: { list: [./ls] } }',
      'source.command.read: is missing; must be a list: the program and its arguments',
    ],
    [
      'source: { command: { list: ./ls, read: [cat, "{key}"] } }',
      'source.command.list: must be a list: the program and its arguments, not "./ls"',
    ],
    [
      'source: { command: { list: [ls, "{key}"], read: [cat, "{key}"] } }',
      'source.command.list: has "{key}", which is replaced in read and stat only',
    ],
    [
      'source: { command: { list: [ls], read: [cat] } }',
      'source.command.read: must have {key} as one of its arguments',
    ],
    [
      'source: { command: { list: [ls], read: [sh, -c, "cat {key}"] } }',
      'source.command.read: has {key} within "cat {key}"; it must be an argument of its own, as in [sh, -c, \'cat "/backups/$1"\', sh, "{key}"]',
    ],
    [
      'source: { command: { list: [ls], read: ["{key}"] } }',
      'source.command.read: must begin with a program, not with {key}',
    ],
    [
      'source: { command: { list: [ls], read: [cat, "{key}", "{count}"] } }',
      'source.command.read: must have {start} where it has {count} or {last}',
    ],
    [
      'source: { command: { list: [ls], read: [cat, "{key}"], stat: [stat, "{key}", "{start}"] } }',
      'source.command.stat: must not have {start}, {count} or {last}; they are for read',
    ],
    [
      'source: { command: { list: [ls], read: [cat, "{key}"] } }, region: eu-1',
      'region: is for s3:// sources only, and this source is a program',
    ],
    [
      'source: { url: ./b, command: { list: [ls], read: [cat, "{key}"] } }',
      'source.command: cannot be combined with url; keep one',
    ],
    [
      'source: { comand: { list: [ls] } }',
      'source: "comand" is not known here; did you mean "command"? (allowed: url, command, endpoint, region, forcePathStyle, profile, requestPayer, sseCustomerKey, roleArn, externalId, stsEndpoint, accessKeyId, secretAccessKey, rcloneConfig)',
    ],
    [
      'source: ./b, select: { asOf: 36h }',
      'select.asOf: needs a store that keeps versions, and this source is a directory',
    ],
    [
      'source: s3://acme, select: { asOf: "2026-11-27 03:00" }',
      'select.asOf: "2026-11-27 03:00" is not an instant such as 2026-11-27T03:00:00Z, nor a duration such as 36h; add its time zone, such as Z for UTC',
    ],
    [
      'source: s3://acme, select: { asOf: "2026-11-27T03:00:00" }',
      'select.asOf: "2026-11-27T03:00:00" is not an instant such as 2026-11-27T03:00:00Z, nor a duration such as 36h; add its time zone, such as Z for UTC',
    ],
    [
      'source: s3://acme, select: { asOf: "2026-02-30T03:00:00Z" }',
      'select.asOf: "2026-02-30T03:00:00Z" is not an instant such as 2026-11-27T03:00:00Z, nor a duration such as 36h',
    ],
    [
      'source: s3://acme, select: { key: a.dump }',
      'select.asOf: is missing; must be an instant such as 2026-11-27T03:00:00Z, or how long before the run, such as 36h',
    ],
    [
      'source: s3://acme, sseCustomerKey: aGVsbG8=',
      'sseCustomerKey: must name where the key is, never the key: { env: NAME }, { file: PATH } or { command: [PROGRAM, …] }',
    ],
    [
      'source: ./b, sseCustomerKey: { env: K }',
      'sseCustomerKey: is for s3:// sources only, and this source is a directory',
    ],
    [
      'source: "${NOWHERE}"',
      'source: the variable NOWHERE is not set or empty; set it, or write "${NOWHERE:-default}"',
    ],
  ])('{ %s } is refused', async (keys, message) => {
    const lines = await problemsOf({ 'd.yaml': backup(keys) });
    expect(lines.map((line) => line.replace(/^d\.yaml:2:\d+: /, ''))).toEqual([`backup.${message}`]);
  });
});

describe('credentials', () => {
  it('come from variables and files, without a trailing newline, and are redacted', async () => {
    const keys = 'source: s3://acme, accessKeyId: "${KEY_ID}", secretAccessKey: { file: "${DIR}/key" }';
    const { source, redactor } = await sourceOf(
      keys,
      { KEY_ID: 'the-id', DIR: 'secrets' },
      { 'drills/secrets/key': 'hunter2\n' },
    );
    expect(source).toMatchObject({ credentials: { accessKeyId: 'the-id', secretAccessKey: 'hunter2' } });
    expect(redactor.redact('denied for the-id with hunter2')).toBe('denied for *** with ***');
  });

  it.each([
    [
      'accessKeyId: AKIAIOSFODNN7EXAMPLE, secretAccessKey: "${S}"',
      'accessKeyId: is a secret in plain text; it must say where the secret is stored: "${NAME}" for a variable or { file: PATH }. Rotate it: it has been exposed',
    ],
    [
      'accessKeyId: "${S}", secretAccessKey: "hunter2"',
      'secretAccessKey: is a secret in plain text; it must say where the secret is stored: "${NAME}" for a variable or { file: PATH }. Rotate it: it has been exposed',
    ],
    [
      'accessKeyId: "${S}", secretAccessKey: "${T:-hunter2}"',
      'secretAccessKey: is a secret in plain text; it must say where the secret is stored: "${NAME}" for a variable or { file: PATH }. Rotate it: it has been exposed',
    ],
    [
      'accessKeyId: "${S}", secretAccessKey: 123456',
      'secretAccessKey: must say where the secret is stored: "${NAME}" for a variable or { file: PATH }',
    ],
    [
      'accessKeyId: "${S}"',
      'accessKeyId: must be set together with secretAccessKey; leave both out to use the SDK’s own credential chain',
    ],
    [
      'accessKeyId: "${S}", secretAccessKey: "${T}"',
      'secretAccessKey: the variable T is not set or empty; it holds this secret',
    ],
    [
      'accessKeyId: "${S}", secretAccessKey: { file: key }',
      'secretAccessKey.file: the file key does not exist; looked for it at CWD/key',
    ],
    [
      'accessKeyId: "${S}", secretAccessKey: { file: empty.txt }',
      'secretAccessKey.file: the file empty.txt is empty; it holds this secret',
    ],
  ])('{ %s } are refused without repeating a secret', async (keys, message) => {
    const files = { 'd.yaml': backup(`source: s3://acme, ${keys}`), 'empty.txt': '\n' };
    const lines = await problemsOf(files, { env: { S: 'the-value-of-s' } });
    expect(lines.map((line) => line.replace(/^d\.yaml:2:\d+: /, ''))).toEqual([`backup.${message}`]);
    expect(lines.join()).not.toMatch(/hunter2|123456|AKIA/);
  });
});

describe('SQL in a file', () => {
  const drill = (file: string) =>
    drillText({ checks: `checks: [{ name: a, sql: { file: ${file} }, expect: { min: 0 } }]` });

  it("is read from the drill's directory or below it, and validated like inline SQL", async () => {
    expect(
      await problemsOf({ 'drills/d.yaml': drill('sql/a.sql'), 'drills/sql/a.sql': 'select count(*) from a\n' }),
    ).toEqual([
      'drills/d.yaml:5:47: checks[0].expect: cannot fail: a count is never below 0; write { min: 1 } or more',
    ]);
  });

  it.each([['../a.sql'], ['/etc/passwd'], ['sql/../../a.sql']])('is not read from %s', async (file) => {
    const lines = await problemsOf({ 'drills/d.yaml': drill(file), 'a.sql': 'select 1' });
    expect(lines[0]).toContain(
      `checks[0].sql.file: ${file} is outside the drill’s directory; keep SQL files next to the drill file or below it`,
    );
  });

  it('is not read through a link that leads outside', async () => {
    const cwd = await workspace({ 'drills/d.yaml': drill('a.sql'), 'outside.sql': 'select 1' });
    await symlink(join(cwd, 'outside.sql'), join(cwd, 'drills/a.sql'));
    const { problems } = await readDrills(['drills'], { cwd, env: {} });
    expect(problems.map(({ message }) => message)).toEqual([
      'a.sql is outside the drill’s directory; keep SQL files next to the drill file or below it',
    ]);
  });

  it('must not be empty', async () => {
    const cwd = await workspace({ 'd.yaml': drill('a.sql') });
    await writeFile(join(cwd, 'a.sql'), '\n');
    const { problems } = await readDrills(['d.yaml'], { cwd, env: {} });
    expect(problems.map(({ message }) => message)).toEqual(['the file a.sql is empty; it holds this check’s query']);
  });
});
