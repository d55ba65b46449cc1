import { expect, it } from 'vitest';
import { describeSource, openSource, type SourceSpec } from '../../../src/backup/registry.ts';

const ctx = { readKey: () => Promise.reject(new Error('no key is read')), onRequest: () => undefined };

it.each<[string, SourceSpec]>([
  ['/srv/backups', { type: 'directory', path: '/srv/backups', written: './backups' }],
  ['rclone:nas:dumps/orders', { type: 'rclone', remote: 'nas', path: 'dumps/orders' }],
  [
    "ls-backups --of 'the shop'",
    {
      type: 'command',
      list: ['ls-backups', '--of', 'the shop'],
      read: ['cat'],
      stat: undefined,
      env: [],
      directory: '/',
    },
  ],
])('calls a source %s before it is opened, and after', async (name, spec) => {
  const source = await openSource(spec, ctx);
  source.close();
  expect([describeSource(spec), source.description]).toEqual([name, name]);
});

it('calls a bucket by its URL', () => {
  const rest = { endpoint: undefined, region: undefined, forcePathStyle: undefined, profile: undefined };
  const spec = { type: 's3', bucket: 'acme-backups', prefix: 'orders/', credentials: undefined, ...rest } as const;
  expect(describeSource(spec)).toBe('s3://acme-backups/orders/');
});
