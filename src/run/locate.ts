import type { BackupContent } from '../backup/content.ts';
import { openContent } from '../backup/reading/open-content.ts';
import type { Chosen } from '../backup/selection/choice-rule.ts';
import { locateBackup } from '../backup/selection/locate-backup.ts';
import type { Backup, BackupSource } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import type { Engine, EngineBackup } from '../engines/engine.ts';

/** How a backup was chosen, and when the newest one was taken; see `Chosen` in backup/. */
export type Choice = Pick<Chosen, 'selection' | 'newestTakenAt'>;

export interface Located extends Choice {
  readonly backup: Backup;
  readonly content: BackupContent;
  /** The backup as the engine sees it, with its header already read. */
  readonly engineBackup: EngineBackup;
}

/** Receives partial findings about the backup as they are made, so that the record of a failed run has them. */
export interface LocateProgress {
  onChosen(backup: Backup, choice: Choice): void;
  /** The receiver must close `content`. */
  onOpened(content: BackupContent): void;
  onWarning(warning: string): void;
}

/**
 * Lists the source, chooses the backup, opens it and reads its header. Reads only; throws the source's and the engine's DrillErrors.
 * @param seed of a random choice: the run's id.
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
