import { expect, it } from 'vitest';
import { MemberList, memberErrors } from '../../../src/backup/archive/member-errors.ts';

it.each([
  [['shop.sql', 'blog.sql'], 'shop.sql'],
  [['shop_2026-11-29T02:00:00Z.sql', 'mysql_2026-11-29T02:00:00Z.sql'], '"shop_*.sql"'],
  [['backup-11.29.2026_02-00-12_acme/mysql/shop.sql', 'notes'], '"backup-*_acme/mysql/shop.sql"'],
  [['2026-11-28.sql', '2026-11-29.sql'], '2026-11-28.sql'],
  [['node 2.sql', 'node 3.sql'], '"node 2.sql"'],
])('proposes a member of %j that tomorrow’s archive will have, too', (names, pattern) => {
  const list = new MemberList();
  for (const name of names) list.add(name);
  const { hint } = memberErrors({ key: 'all.tar', archive: 'tar' }).several(list);
  expect(hint).toContain(`\`backup.member: ${pattern}\``);
});
