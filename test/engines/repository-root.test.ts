import { expect, it } from 'vitest';
import { partsInRepository } from '../../src/engines/repository-root.ts';

it.each([
  ['pgbr/backup/orders/20261128-030000F_20261128-040000I/', 3],
  ['backup/orders/20261128-030000F/', 3],
  ['a/b/srv/base/20261128T181815/', 2],
  ['basebackups_005/base_000000010000000000000002/', 2],
  ['nightly/2026-11-28/', 1],
  ['prod/orders-2026-11-28.dump', 1],
])('a drill of %s names its last %i parts', (key, parts) => {
  expect(partsInRepository(key)).toBe(parts);
});
