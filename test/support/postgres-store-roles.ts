import { readFileSync } from 'node:fs';
import type { TestPostgres } from './postgres-server.ts';

const GUIDE = readFileSync(new URL('../../docs/store.md', import.meta.url), 'utf8');
/** The statements of the guide, in its order. */
const GRANTS = Array.from(GUIDE.matchAll(/```sql\n([\s\S]*?)```/g), ([, sql]) => sql).join('\n');

/**
 * Creates the roles of the guide, and a user of each that is called like the role without its prefix; `stranger` has none.
 * The store in the schema `firedrill` must exist, with its queue.
 */
export async function createStoreRoles(server: Pick<TestPostgres, 'query'>): Promise<void> {
  const users = Array.from(
    GRANTS.matchAll(/create role firedrill_(\w+)/g),
    ([, name]) => `create role ${name} login in role firedrill_${name}`,
  );
  await server.query([GRANTS, ...users, 'create role stranger login'].join(';\n'));
}
