import { hasDrilled } from '../../backup/selection/drilled-backup.ts';
import type { Drill } from '../../config/drill-file.ts';
import type { RunRecord } from '../../record/run-record.ts';
import type { SeenBackup } from '../../record/schedule-store.ts';
import type { DrillServices } from '../contract.ts';

/** How many recent runs are searched for ones that already have the answer. */
const MAX_RUNS = 1000;

/**
 * For each of these backups, its newest run that reached a verdict with the drill as it is now: same definition, same content.
 * @returns by position in `backups`.
 */
export async function findRecordedRuns(
  drill: Drill,
  backups: readonly SeenBackup[],
  { store, describeDefinition }: Pick<DrillServices, 'store' | 'describeDefinition'>,
): Promise<ReadonlyMap<number, RunRecord>> {
  const asNow = withoutSelection(describeDefinition(drill));
  const runs = (await store.findRuns({ drill: drill.name, limit: MAX_RUNS })).filter(
    // the hash covers the file; comparing definitions tells apart runs with `--to`
    (run) => run.definitionHash === drill.definitionHash && withoutSelection(run.definition) === asNow,
  );
  return new Map(
    backups.flatMap((backup, index) => {
      const run = runs.find((one) => hasDrilled(one, backup));
      return run ? [[index, run] as const] : [];
    }),
  );
}

/** A definition as canonical JSON, without its backup selection. */
function withoutSelection(definition: string): string {
  return JSON.stringify(JSON.parse(definition), (key, value: unknown) =>
    /^(select|asOf)$/.test(key) ? undefined : value,
  );
}
