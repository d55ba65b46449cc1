import type { RunRecord } from '../record/run-record.ts';
import type { Store } from '../record/store.ts';
import { DrillError } from '../support/errors.ts';

/**
 * The run that a person means by a word: `latest` is the newest of all drills, the name of a drill is its newest run, anything else is an id or the
 * beginning of one.
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
