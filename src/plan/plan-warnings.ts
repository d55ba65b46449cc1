import type { BackupFacts, ServerNeeds } from '../engines/format.ts';
import { formatDuration } from '../support/quantities.ts';
import { compareSeries, NO_VERSION } from '../support/versions.ts';
import type { Plan } from './plan.ts';

/** Problems and surprises that the plan already shows. */
export function findPlanWarnings(
  plan: Omit<Plan, 'warnings'>,
  backup: { readonly facts: BackupFacts; readonly needs: ServerNeeds; readonly hasLog: boolean },
): readonly string[] {
  // with a log archive, it is only known how recent the data is once the log has been replayed
  const found = [backup.hasLog ? undefined : staleness(plan), slowness(plan), upgrade(plan, backup)];
  return found.filter((warning) => warning !== undefined);
}

function staleness({ backup, objectives }: Omit<Plan, 'warnings'>): string | undefined {
  const { rpoMs } = objectives;
  if (rpoMs === undefined || backup.newestAgeMs <= rpoMs) return undefined;
  const which = backup.takenAt < backup.newestTakenAt ? 'newest backup' : 'backup';
  return `the ${which} is ${formatDuration(backup.newestAgeMs)} old, the objective is ${formatDuration(rpoMs)}: the drill will fail as stale-backup`;
}

function slowness({ estimate, objectives }: Omit<Plan, 'warnings'>): string | undefined {
  if (!estimate || estimate.recoveryTimeMs <= objectives.rtoMs) return undefined;
  return `recovery is estimated at ${formatDuration(estimate.recoveryTimeMs)}, the target is ${formatDuration(objectives.rtoMs)}: the drill may fail as too-slow`;
}

function upgrade(
  { engine }: Omit<Plan, 'warnings'>,
  { facts, needs }: { readonly facts: BackupFacts; readonly needs: ServerNeeds },
): string | undefined {
  if (engine.version === NO_VERSION) return undefined;
  if (facts.serverVersion === 'unknown') {
    return `the backup does not state its version: it is restored into ${engine.type} ${engine.version}; set \`engine.version\` to the one that recovery would use`;
  }
  if (compareSeries(engine.version, needs.major) === 0) return undefined;
  return `restores into ${engine.type} ${engine.version}, though the backup comes from ${facts.serverVersion}: a real recovery may use another version`;
}
