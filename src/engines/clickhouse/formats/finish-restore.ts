import type { LoadOutcome } from '../../engine.ts';
import type { Restored, RunOptions } from '../../format.ts';
import type { RestoredClickHouse } from '../server/restored-clickhouse.ts';

/** Ends a restore in which everything was brought in, whatever the format. @param report is told what is being done, and the share of it that is done. */
export async function finishRestore(
  server: RestoredClickHouse,
  { database, warnings }: Pick<LoadOutcome, 'database' | 'warnings'>,
  { onLoaded, signal }: Pick<RunOptions, 'onLoaded' | 'signal'>,
  report: (doing: string, ratio: number) => void,
): Promise<Restored> {
  const outcome = { database, errorCount: 0, errors: [], ignoredCount: 0, warnings };
  onLoaded(outcome);
  report('flushing', 1);
  await server.seal(signal);
  return { server, outcome };
}
