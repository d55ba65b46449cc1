import { expect, test } from 'vitest';
import { narrowSource } from '../../src/cli/series-source.ts';

test.each([
  ['s3://acme/', 'prod/db/orders-*.dump', 's3://acme/prod/db/', 'orders-*.dump'],
  ['./b', 'prod/orders.dump', './b/prod/', 'orders.dump'],
  ['rclone:nas:', 'prod/*/orders.dump', 'rclone:nas:prod/', '*/orders.dump'],
  ['s3://acme/', '*/orders.dump', 's3://acme/', '*/orders.dump'],
  ['s3://acme/', 'a\\(1\\)/x-*.sql', 's3://acme/', 'a\\(1\\)/x-*.sql'],
])('moves the folders of %s %s into the source', (url, match, narrowUrl, narrowMatch) => {
  expect(narrowSource(url, match)).toEqual({ url: narrowUrl, match: narrowMatch });
});
