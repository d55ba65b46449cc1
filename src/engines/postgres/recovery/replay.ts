import { DrillError } from '../../../support/errors.ts';
import type { Replayed } from '../../engine.ts';
import type { Recovery, RecoveryTarget } from '../../format.ts';
import { chooseDrop, describeDrop, describeLoss, stopLsnOf } from '../log/choose-drop.ts';
import { type OpenLog, requireWholeLog } from '../log/open-log.ts';
import { scanForDrops } from '../log/scan-log.ts';
import type { PhysicalBackup } from './physical-backup.ts';
import { recover } from './recover.ts';
import type { ReplayEnd } from './recovery-log.ts';
import type { RecoverySite } from './recovery-site.ts';
import { describeTarget, targetArguments } from './recovery-target.ts';

/** A database that recovery stopped just before the drop of. */
export interface Rescued {
  readonly oid: number;
  /** As the drill names it. */
  readonly name: string | undefined;
}

export interface ReplayOptions {
  readonly log: OpenLog | undefined;
  readonly recovery: Recovery;
  readonly report: (doing: string) => void;
  readonly signal: AbortSignal;
}

export interface ReplayResult {
  readonly replayed: Replayed;
  readonly rescued: Rescued | undefined;
  /** What the log was found to hold, to be shown with the run. */
  readonly found: readonly string[];
}

/** Replays the log up to the target, and proves that it came as far as that. @throws DrillError what {@link recover} throws, `log-incomplete`, `log-damaged`. */
export async function replay(
  backup: PhysicalBackup,
  site: RecoverySite,
  options: ReplayOptions,
): Promise<ReplayResult> {
  const { target } = options.recovery;
  if (target.kind === 'before') return replayBefore(backup, site, target, options);
  const end = await replayTo(backup, site, target, options);
  return { replayed: describeEnd(target, end, options), rescued: undefined, found: [] };
}

/** Finds the event first, and stops by position: a database that is dropped loses its files before the drop has a time. */
async function replayBefore(
  backup: PhysicalBackup,
  site: RecoverySite,
  target: Extract<RecoveryTarget, { kind: 'before' }>,
  options: ReplayOptions,
): Promise<ReplayResult> {
  const { log, report, signal } = options;
  const { sandbox, tool } = site;
  const { startLsn, timeline } = backup.label;
  if (log && log.plan.newest.timeline !== timeline) {
    throw new DrillError(
      'format-unsupported',
      'the log since the backup spans a failover: what was dropped is not looked for in it',
      {
        hint: 'Take a backup after the failover, or name a position in `recover.to`.',
      },
    );
  }
  report('looking for what was dropped');
  await log?.feed.done;
  if (log?.feed.failure) throw log.feed.failure;
  const segments = log ? `${sandbox.paths.scratch}/log` : `${sandbox.paths.data}/pg_wal`;
  const place = { sandbox, binDir: tool.dir, data: sandbox.paths.data, segments, startLsn, timeline };
  const scanned = await scanForDrops(place, signal);
  const drop = chooseDrop(scanned, target.object);
  const stop = { kind: 'position', at: { lsn: stopLsnOf(drop) } } as const;
  const end = await replayTo(backup, site, stop, options, ['-c', 'recovery_target_inclusive=off']);
  const name = target.object ?? scanned.names.get(drop.oid);
  return {
    replayed: describeEnd({ ...target, object: name }, end, options),
    rescued: { oid: drop.oid, name },
    found: [
      `found ${describeDrop(drop, scanned.names)}; recovery stopped before ${stop.at.lsn}; ${describeLoss(drop)}`,
    ],
  };
}

async function replayTo(
  { key }: PhysicalBackup,
  site: RecoverySite,
  target: Exclude<RecoveryTarget, { kind: 'before' }>,
  { log, recovery, report, signal }: ReplayOptions,
  more: readonly string[] = [],
): Promise<ReplayEnd> {
  const end = await recover(site, {
    key,
    target: [...targetArguments(target), ...more],
    restoreCommand: log?.feed.restoreCommand,
    supply: log?.feed.done,
    failure: () => log?.feed.failure,
    onReplayed: (at) => report(`replaying the log at ${at}`),
    signal,
  }).catch(async (error: unknown) => {
    // where a segment is missing or damaged, the server says only that there is no more
    const isShort = error instanceof DrillError && error.code === 'target-not-reached' && error.details.length > 0;
    if (isShort && log && recovery.log) await requireWholeLog(log, recovery.log, undefined, signal);
    throw error;
  });
  if (target.kind !== 'latest' || !log || !recovery.log) return end;
  if (log.feed.failure) throw log.feed.failure;
  await requireWholeLog(log, recovery.log, end.redoDoneAt, signal);
  return end;
}

function describeEnd(target: RecoveryTarget, end: ReplayEnd, { log }: ReplayOptions): Replayed {
  const where = end.stopped ?? (end.redoDoneAt === undefined ? '' : `at ${end.redoDoneAt}`);
  return {
    summary: `${describeTarget(target)}${where === '' ? '' : ` (${where})`}`,
    recoverableUntil: target.kind === 'latest' ? end.lastCommitAt : log && 'unknown',
    lastCommitAt: end.lastCommitAt,
  };
}
