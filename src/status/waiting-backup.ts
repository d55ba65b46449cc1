import type { Schedule } from '../config/drill-file.ts';
import type { DrillState, SeenBackup } from '../record/schedule-store.ts';

/**
 * The newest backup, if it requires a run that nothing has started yet; another run may have drilled it anyway (`hasDrilled`). If no backup was ever handled,
 * the drill may have been set to run on new backups only a moment ago, so only a stored wait proves that a run is due.
 */
export function waitingBackup(schedule: Schedule | undefined, state: DrillState | undefined): SeenBackup | undefined {
  if (!schedule?.onNewBackup || !state?.newestBackup) return undefined;
  const { newestBackup, handledBackup, waitsFor } = state;
  if (newestBackup.identity === handledBackup) return undefined;
  return handledBackup === undefined && waitsFor === undefined ? undefined : newestBackup;
}
