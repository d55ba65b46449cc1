import { expect, it } from 'vitest';
import { loadSettings } from '../../src/config/settings.ts';
import { asDrillError, formatError } from '../../src/support/errors.ts';
import { workspace } from './loading.ts';

const read = async (discover: unknown, env: Record<string, string> = {}) => {
  const cwd = await workspace({ 'firedrill.yaml': JSON.stringify({ discover }) });
  return (await loadSettings({ cwd, env })).discover;
};

it('reads sources like those of drills, and servers with their passwords', async () => {
  const sources = ['s3://acme/', { url: 's3://old/', endpoint: 'https://s3.example.com' }];
  const servers = ['mysql://app@db2', { url: 'postgres://firedrill@db1', password: '${PGPW}' }];
  const found = await read({ cron: '30 6 * * *', sources, servers }, { PGPW: 'secret' });
  expect(found.schedule).toEqual({ cron: '30 6 * * *', timezone: 'UTC' });
  expect(found.sources).toMatchObject([
    { given: 's3://acme/', spec: { bucket: 'acme' }, problem: undefined },
    { given: 's3://old/', spec: { bucket: 'old', endpoint: 'https://s3.example.com' } },
  ]);
  expect(found.servers.map(({ url, password }) => [url.href, password])).toEqual([
    ['mysql://app@db2', undefined],
    ['postgres://firedrill@db1', 'secret'],
  ]);
});

it('leaves a missing secret to the search that needs it', async () => {
  const servers = [{ url: 'postgres://firedrill@db1', password: '${PGPW}' }];
  const sources = [{ url: 's3://old/', accessKeyId: '${KEY}', secretAccessKey: '${KEY}' }];
  const found = await read({ servers, sources });
  expect(found.servers[0]?.problem).toContain('the variable PGPW is not set');
  expect(found.sources[0]).toMatchObject({ spec: undefined });
  expect(found.sources[0]?.problem).toContain('the variable KEY is not set');
});

it.each([
  [{ servers: ['postgres://u:pw@h/'] }, 'discover.servers[0]: must not hold a password'],
  [{ servers: ['oracle://h/'] }, 'discover.servers[0]: must be the URL of a server'],
  [{ sources: ['backups'] }, 'discover.sources[0]: must be s3://BUCKET/PREFIX/'],
  [{ sources: [{ url: 's3://x/', endpoint: 'nope' }] }, 'discover.sources[0].endpoint: must be a URL'],
])('says what is wrong with %j', async (discover, message) => {
  const thrown: unknown = await read(discover).catch((error: unknown) => error);
  expect(formatError(asDrillError(thrown))).toContain(message);
});
