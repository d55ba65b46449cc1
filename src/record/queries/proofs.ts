import type { Transaction } from 'kysely';
import type { DrillProof } from '../store.ts';
import { readProof } from './run-rows.ts';
import type { Schema } from './schema.ts';

/** As written by `JSON.stringify`; inside a string, the quotes would be escaped. */
const PARTIAL = '%"isPartial":true%';

/** The newest of each drill, excluding those that tried only what a user chose. Run ids sort by time. */
export async function findProofs(trx: Transaction<Schema>): Promise<readonly DrillProof[]> {
  const newest = trx
    .selectFrom('run')
    .select((eb) => eb.fn.max('id').as('id'))
    .where('proof', 'is not', null)
    .where('proof', 'not like', PARTIAL)
    .groupBy('drill');
  const rows = await trx
    .selectFrom('run')
    .select(['id', 'drill', 'started_at', 'definition_hash', 'proof'])
    .where('id', 'in', newest)
    .orderBy('drill')
    .execute();
  return rows.flatMap((row) => {
    const proof = readProof(row.proof);
    if (!proof) return [];
    const { id: runId, drill, definition_hash: definitionHash } = row;
    return [{ runId, drill, definitionHash, startedAt: new Date(row.started_at), proof }];
  });
}
