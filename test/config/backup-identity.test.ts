import { describe, expect, it } from 'vitest';
import { definitionForRecord } from '../../src/config/definition.ts';
import type { Drill } from '../../src/config/drill-file.ts';
import { loadDrills } from '../../src/config/load-drills.ts';
import { must } from '../contracts/source-contract.ts';
import { drillText, problemsOf, workspace } from './loading.ts';

const SECRET = 'not-to-be-seen-anywhere';
const EXPLICIT = "{ accessKeyId: '${RECOVERY_ID}', secretAccessKey: '${RECOVERY_SECRET}' }";

function withIdentity(identity: string, source = 's3://acme/, profile: backup-job'): string {
  return drillText({ backup: `backup: { source: ${source}, match: 'orders-*', identity: ${identity} }` });
}

async function load(text: string, env: Record<string, string> = {}): Promise<Drill> {
  const cwd = await workspace({ 'drills/orders.yaml': text });
  const [drill] = await loadDrills(['drills/orders.yaml'], { cwd, env });
  return must(drill);
}

describe('backup.identity', () => {
  it('has keys, which are not read, and is used only on request', async () => {
    const { backup } = await load(withIdentity('{ keys: [{ file: /safe/recovery.key }] }'));
    const keys = [{ file: '/safe/recovery.key' }];
    expect(backup.identity).toEqual({ keys, credentials: undefined, use: { when: 'on-request' }, source: undefined });
  });

  it('has credentials, which replace all those of the drill', async () => {
    const env = { RECOVERY_ID: 'AKIARECOVERY', RECOVERY_SECRET: SECRET };
    const { backup } = await load(withIdentity(`{ credentials: ${EXPLICIT} }`), env);
    expect(backup.source).toMatchObject({ profile: 'backup-job', credentials: undefined });
    expect(backup.identity?.source).toMatchObject({
      bucket: 'acme',
      profile: undefined,
      credentials: { accessKeyId: 'AKIARECOVERY', secretAccessKey: SECRET },
    });
  });

  it('also reads the log archive if that is in the same kind of store', async () => {
    const log = (source: string) =>
      withIdentity('{ credentials: { profile: safe } }', `s3://acme/, profile: backup-job, log: { source: ${source} }`);
    expect((await load(log('s3://acme/wal/'))).backup.identity?.log).toMatchObject({
      bucket: 'acme',
      prefix: 'wal/',
      profile: 'safe',
    });
    expect((await load(log('/srv/wal'))).backup.identity?.log).toBeUndefined();
  });

  it.each([
    ['always', { when: 'always' }],
    ['on-request', { when: 'on-request' }],
    ['every 30d', { when: 'every', everyMs: 30 * 86_400_000 }],
  ])('is used %s', async (use, expected) => {
    const { backup } = await load(withIdentity(`{ keys: [{ env: K }], use: ${use} }`));
    expect(backup.identity?.use).toEqual(expected);
  });

  it('is valid when its variables and files are missing, and then reports which', async () => {
    const missing = async (credentials: string) =>
      (await load(withIdentity(`{ credentials: ${credentials} }`))).backup.identity?.source;
    expect(await missing(EXPLICIT)).toEqual({
      missing:
        'backup.identity.credentials.accessKeyId: the variable RECOVERY_ID is not set or empty; it holds this secret',
    });
    expect(await missing("{ profile: '${PROFILE}' }")).toMatchObject({ missing: expect.stringContaining('PROFILE') });
    const file = "{ accessKeyId: { file: id.txt }, secretAccessKey: '${X}' }";
    expect(await missing(file)).toMatchObject({ missing: expect.stringContaining('id.txt does not exist') });
  });

  it('is recorded as written, whether or not its secrets are available', async () => {
    const text = withIdentity(`{ credentials: ${EXPLICIT}, keys: [{ env: K }] }`);
    const there = await load(text, { RECOVERY_ID: 'AKIARECOVERY', RECOVERY_SECRET: SECRET, K: SECRET });
    const elsewhere = await load(text);
    expect(definitionForRecord(there)).toContain('"accessKeyId":"${RECOVERY_ID}"');
    expect(definitionForRecord(there)).not.toMatch(/AKIARECOVERY|not-to-be-seen/);
    expect(there.definitionHash).toBe(elsewhere.definitionHash);
  });

  it('does not change the configuration of a drill without it', async () => {
    expect(definitionForRecord(await load(drillText()))).not.toContain('identity');
  });

  it.each([
    ['nothing in it', '{}', 'backup.identity: needs keys or credentials'],
    ['use alone', '{ use: always }', 'needs keys or credentials'],
    ['no credentials', '{ credentials: {} }', 'backup.identity.credentials: is empty; leave it out'],
    ['half a pair', "{ credentials: { accessKeyId: '${A}' } }", 'must be set together with secretAccessKey'],
    [
      'a secret in plain text',
      `{ credentials: { accessKeyId: ${SECRET}, secretAccessKey: '\${B}' } }`,
      'in plain text',
    ],
    ['a key that is not a credential', '{ credentials: { region: eu-1 } }', '"region" is not known here'],
    ['an unknown use', '{ keys: [{ env: K }], use: weekly }', 'must be on-request, always, or every and a duration'],
    ['a period without a unit', '{ keys: [{ env: K }], use: every 30 }', '"30" is not a duration'],
    ['no period', '{ keys: [{ env: K }], use: every }', 'has no duration'],
  ])('is refused with %s, without repeating a secret', async (_what, identity, sentence) => {
    const [problem = '', ...others] = await problemsOf({ 'drills/orders.yaml': withIdentity(identity) });
    expect(others).toEqual([]);
    expect(problem).toContain('drills/orders.yaml:2:');
    expect(problem).toContain(sentence);
    expect(problem).not.toContain(SECRET);
  });

  it('is refused with credentials for another kind of source', async () => {
    const text = withIdentity('{ credentials: { profile: recovery } }', '../backups');
    const [problem, ...others] = await problemsOf({ 'drills/orders.yaml': text });
    expect(others).toEqual([]);
    expect(problem).toContain('backup.identity.credentials.profile: is for s3:// sources only');
  });

  it('does not repeat problems of the rest of the backup', async () => {
    const text = withIdentity('{ credentials: { profile: recovery } }', 's3://acme/, endpoint: nonsense');
    expect(await problemsOf({ 'drills/orders.yaml': text })).toHaveLength(1);
  });
});

describe('backup.log', () => {
  const log = (
    text: string,
    source = 's3://acme/base/, endpoint: https://rgw.example.com, region: eu, profile: backup-job',
  ) => load(drillText({ backup: `backup: { source: ${source}, match: 'orders-*', log: ${text} }` }));

  it('takes the keys of backup when it is in the same kind of store and has none of its own', async () => {
    const { backup } = await log('{ source: s3://acme/wal/ }');
    expect(backup.log?.source).toMatchObject({
      bucket: 'acme',
      prefix: 'wal/',
      endpoint: 'https://rgw.example.com',
      region: 'eu',
      profile: 'backup-job',
    });
    const nested = await log('{ source: s3://acme/wal/ }', '{ url: s3://acme/base/, profile: backup-job }');
    expect(nested.backup.log?.source).toMatchObject({ profile: 'backup-job' });
  });

  it('has only its own keys as soon as it has one', async () => {
    const { backup } = await log('{ source: s3://acme/wal/, region: us }');
    expect(backup.log?.source).toMatchObject({ region: 'us', endpoint: undefined, profile: undefined });
  });

  it('takes nothing from a backup in another kind of store', async () => {
    const { backup } = await log('{ source: s3://acme/wal/ }', '/srv/base');
    expect(backup.log?.source).toMatchObject({ bucket: 'acme', profile: undefined });
    const directory = await log('{ source: /srv/wal }');
    expect(directory.backup.log?.source).toMatchObject({ type: 'directory' });
  });
});
