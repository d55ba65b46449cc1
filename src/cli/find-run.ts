import type { RunRecord } from '../record/run-record.ts';
import type { Store } from '../record/store.ts';
import { DrillError } from '../support/errors.ts';

/**
 * Resolves a user's word to a run: `latest` is the newest run of all drills, a drill's name is its newest run, anything else is a run id or a prefix of one.
 * @throws DrillError `run-not-found`.
 */
export async function findRun(store: Pick<Store, 'findRuns' | 'getRun'>, word: string): Promise<RunRecord> {
  const [newest] = await store.findRuns({ limit: 1, ...(word === 'latest' ? {} : { drill: word }) });
  if (newest) return newest;
  if (word === 'latest')
    throw new DrillError('run-not-found', 'nothing has run yet', {
      hint: 'Start a drill with `firedrill run drills/orders.yaml`.',
    });
  return store.getRun(word);
}
