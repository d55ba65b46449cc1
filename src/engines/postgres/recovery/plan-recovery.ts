import type { Recovery, RunOptions } from '../../format.ts';
import { newestByName } from '../log/plan-log.ts';
import type { PhysicalBackup } from './physical-backup.ts';

/**
 * The files of a stopped server end where its log begins: to replay none is to recover to their end. The archive holds nothing more until the server has filled
 * a segment after its next start.
 * @returns notes to be shown with the run.
 */
export function planRecovery(
  { isStopped = false, label }: Pick<PhysicalBackup, 'isStopped' | 'label'>,
  options: Pick<RunOptions, 'recovery'>,
): { readonly recovery: Recovery; readonly notes: readonly string[] } {
  const { recovery = { target: { kind: 'backup-end' }, log: undefined } } = options;
  const alone = { target: { kind: 'backup-end' }, log: undefined } as const;
  if (!isStopped || !recovery.log) return { recovery, notes: [] };
  if (recovery.target.kind === 'backup-end') return { recovery: alone, notes: [] };
  const newest = newestByName(recovery.log.files)?.name ?? label.startSegment;
  if (recovery.target.kind !== 'latest' || newest >= label.startSegment) return { recovery, notes: [] };
  const note = `${recovery.log.description} ends with ${newest}, before the server was shut down: it holds nothing to replay on the copy`;
  return { recovery: alone, notes: [note] };
}
