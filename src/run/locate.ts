import type { BackupContent } from '../backup/content.ts';
import { openContent } from '../backup/reading/open-content.ts';
import type { Chosen } from '../backup/selection/choice-rule.ts';
import { locateBackup } from '../backup/selection/locate-backup.ts';
import type { Backup, BackupSource } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import type { Engine, EngineBackup } from '../engines/engine.ts';

/** How a backup was chosen, and when the newest there was taken: see `Chosen` of backup/. */
export type Choice = Pick<Chosen, 'selection' | 'newestTakenAt'>;

export interface Located extends Choice {
  readonly backup: Backup;
  readonly content: BackupContent;
  /** Its header has been read. */
  readonly engineBackup: EngineBackup;
}

/** What is known of the backup before everything about it is: told as it is found, so that a failure's record has it. */
export interface LocateProgress {
  onChosen(backup: Backup, choice: Choice): void;
  /** Whoever is told has to close it. */
  onOpened(content: BackupContent): void;
  onWarning(warning: string): void;
}

/**
 * Lists the source, chooses the backup, opens it and reads its header. Reads only; throws the source's and the engine's DrillErrors.
 * @param seed what a random choice is drawn from: the run's id.
 */
export async function locate(
  drill: Drill,
  source: BackupSource,
  engine: Engine,
  now: Date,
  progress: LocateProgress,
  seed: string,
  signal: AbortSignal,
): Promise<Located> {
  const found = await locateBackup(source, drill.backup, now, seed, signal);
  const { backup, selection, newestTakenAt } = found;
  progress.onChosen(backup, { selection, newestTakenAt });
  for (const warning of found.warnings) progress.onWarning(warning);
  const content = await openContent(source, backup, signal);
  progress.onOpened(content);
  return { backup, selection, newestTakenAt, content, engineBackup: await engine.inspect(content, signal) };
}
