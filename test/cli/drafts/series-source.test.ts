import { expect, test } from 'vitest';
import { narrowSource } from '../../../src/cli/drafts/series-source.ts';

test.each([
  ['s3://acme/', 'prod/db/orders-*.dump', 's3://acme/prod/db/', 'orders-*.dump'],
  ['./b', 'prod/orders.dump', './b/prod/', 'orders.dump'],
  ['rclone:nas:', 'prod/*/orders.dump', 'rclone:nas:prod/', '*/orders.dump'],
  ['s3://acme/', '*/orders.dump', 's3://acme/', '*/orders.dump'],
  ['s3://acme/', 'a\\(1\\)/x-*.sql', 's3://acme/', 'a\\(1\\)/x-*.sql'],
  ['s3://acme/', 'pgbr/backup/orders/*', 's3://acme/pgbr/', 'backup/orders/*', 3],
  ['s3://acme/', 'backup/orders/*', 's3://acme/', 'backup/orders/*', 3],
  ['s3://acme/', 'a/srv/base/*', 's3://acme/a/srv/', 'base/*', 2],
  ['s3://acme/', '*/orders/*', 's3://acme/', '*/orders/*', 2],
])('moves the folders of %s %s into the source', (url, match, narrowUrl, narrowMatch, keptParts?: number) => {
  expect(narrowSource(url, match, keptParts)).toEqual({ url: narrowUrl, match: narrowMatch });
});
