import type { SelectQueryBuilder, Transaction } from 'kysely';
import type { IdentityRun, RecoveryProof } from '../store.ts';
import type { Schema } from './schema.ts';

type Trx = Transaction<Schema>;
type Narrow = (query: IdentityRuns) => IdentityRuns;
type IdentityRuns = SelectQueryBuilder<Schema, 'run', object>;

/** Index lookups for each drill that has ever run. */
export async function findRecoveryProofs(trx: Trx): Promise<readonly RecoveryProof[]> {
  const rows = await trx
    .selectFrom('run')
    .select('drill')
    .distinct()
    .where('identity_name', '=', 'recovery')
    .orderBy('drill')
    .execute();
  const proofs: RecoveryProof[] = [];
  for (const { drill } of rows) {
    const newest = await findNewest(trx, drill, (query) => query.where('status', 'in', ['completed', 'errored']));
    if (!newest) continue;
    const passed = await findNewest(trx, drill, (query) => query.where('verdict', '=', 'passed'));
    const isKeyUsed: Narrow = (query) => query.where('verdict', '=', 'passed').where('identity_keys', '<>', '[]');
    proofs.push({ drill, newest, passed, passedWithKey: await findNewest(trx, drill, isKeyUsed) });
  }
  return proofs;
}

async function findNewest(trx: Trx, drill: string, narrow: Narrow): Promise<IdentityRun | undefined> {
  const row = await narrow(trx.selectFrom('run').where('identity_name', '=', 'recovery').where('drill', '=', drill))
    .select(['id', 'status', 'verdict', 'started_at', 'error_code'])
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return (
    row && {
      runId: row.id,
      status: row.status,
      verdict: row.verdict ?? undefined,
      startedAt: new Date(row.started_at),
      errorCode: row.error_code ?? undefined,
    }
  );
}
