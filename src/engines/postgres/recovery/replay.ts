import { DrillError } from '../../../support/errors.ts';
import { formatExactInstant } from '../../../support/instants.ts';
import type { LoadProgress, Replayed } from '../../engine.ts';
import { describeTarget } from '../../event-words.ts';
import type { Recovery, RecoveryTarget } from '../../format.ts';
import {
  chooseEvent,
  describeEarlier,
  describeEvent,
  describeLoss,
  describeOthers,
  expectedDatabase,
} from '../log/choose-event.ts';
import { chooseInstant } from '../log/choose-instant.ts';
import { type LogPart, linkSegments } from '../log/dump-log.ts';
import { findBoundary } from '../log/find-boundary.ts';
import type { LogEvent } from '../log/log-event.ts';
import { formatLsn } from '../log/log-line.ts';
import { type OpenLog, requireWholeLog } from '../log/open-log.ts';
import { requireSeen } from '../log/rewritten-catalogs.ts';
import { scanLog } from '../log/scan-log.ts';
import { describeNewest, notReached } from './not-reached.ts';
import type { PhysicalBackup } from './physical-backup.ts';
import { recover } from './recover.ts';
import type { ReplayEnd } from './recovery-log.ts';
import type { RecoverySite } from './recovery-site.ts';
import { type ServerTarget, targetArguments } from './recovery-target.ts';
import { ReplayProgress } from './replay-progress.ts';
import { noLog, requireLaterTarget } from './require-later-target.ts';
import { requireOnePoint } from './require-one-point.ts';

/** The loss just before which recovery stopped. */
export interface Rescued {
  /** The database: the lost one, or the one that the tables are in. */
  readonly oid: number;
  readonly name: string | undefined;
  /** The transaction that caused it. */
  readonly xid: string;
  /** `public.orders`. */
  readonly tables: readonly string[];
  /** The table that was asked for, if the log does not name those that were lost. */
  readonly unproven?: { readonly object: string; readonly filenodes: readonly number[] } | undefined;
}

export interface ReplayOptions {
  readonly log: OpenLog | undefined;
  readonly recovery: Recovery;
  /** The database named by the drill. */
  readonly database: string | undefined;
  readonly report: (doing: string, step?: LoadProgress['step']) => void;
  /** Receives how far the replay got, in case it fails later. */
  readonly onReplaying: ((soFar: Replayed) => void) | undefined;
  readonly signal: AbortSignal;
}

export interface ReplayResult {
  /** What the log shows about the point where it ended, read in parallel with what follows. Rejects with DrillError `target-not-reached`. */
  readonly replayed: Promise<Replayed>;
  readonly rescued: Rescued | undefined;
  /** Findings in the log, to be shown with the run. */
  readonly found: readonly string[];
}

/** Replays the log up to the target, and proves that it was reached. @throws DrillError what {@link recover} throws, `log-incomplete`, `log-damaged`. */
export async function replay(
  backup: PhysicalBackup,
  site: RecoverySite,
  options: ReplayOptions,
): Promise<ReplayResult> {
  const { target: asked } = options.recovery;
  if (asked.kind === 'before') return replayBefore(backup, site, asked, options);
  const target = asked.kind === 'random' ? await drawInstant(backup, site, asked, options) : asked;
  const { log, recovery, signal } = options;
  await requireLaterTarget(backup, site, target, signal);
  const end = await replayTo(backup, site, target, options);
  const replayed = describeEnd(target, end, backup, site, options).then(async (found) => {
    requireInstant(target, found);
    await requireOnePoint(target, end.redoDoneAt, { log, archive: recovery.log }, signal);
    return asked.kind === 'random' ? { ...found, summary: `a random instant: ${found.summary}` } : found;
  });
  replayed.catch(() => undefined); // the caller awaits it later
  return { replayed, rescued: undefined, found: [] };
}

async function drawInstant(
  backup: PhysicalBackup,
  site: RecoverySite,
  target: Extract<RecoveryTarget, { kind: 'random' }>,
  options: ReplayOptions,
): Promise<ServerTarget> {
  options.report('looking for the instants that can be recovered to');
  const part = await wholeLog('commit', backup, site, options);
  return { kind: 'time', at: await chooseInstant(part, target, options.signal) };
}

/** Waits until the whole log is in the sandbox. @param what the log is to be searched for. */
async function wholeLog(
  what: string,
  backup: PhysicalBackup,
  site: RecoverySite,
  { log, recovery, signal }: ReplayOptions,
): Promise<LogPart> {
  if (!log) throw noLog(what);
  await log.feed.untilWhole();
  if (log.feed.failure) throw log.feed.failure;
  return partOf(log, recovery.log?.description ?? 'the archive', backup, site, signal);
}

/** Finds the event first, and stops by position: the files of a dropped database are removed before the drop has a commit time. */
async function replayBefore(
  backup: PhysicalBackup,
  site: RecoverySite,
  target: Extract<RecoveryTarget, { kind: 'before' }>,
  options: ReplayOptions,
): Promise<ReplayResult> {
  const { database, report, signal } = options;
  const { sandbox, tool } = site;
  report('looking for what was destroyed');
  const part = await wholeLog(target.event, backup, site, options);
  const { minRows } = target;
  const scanned = await scanLog(part, { major: Number(tool.major), data: sandbox.paths.data, minRows }, signal);
  const { events } = scanned;
  const wanted = { ...target, database };
  requireSeen(scanned.unseen, wanted);
  const event = chooseEvent(events, wanted, scanned.smaller);
  const stop = { kind: 'position', at: { lsn: event.stopLsn }, exclusive: true } as const;
  const end = await replayTo(backup, site, stop, options);
  const found = `found ${describeEvent(event)}; recovery stopped before ${event.stopLsn}; ${describeLoss(event)}`;
  const more = [describeEarlier(events, event), describeOthers(events, event, wanted)];
  const tables = event.tables.flatMap(({ name }) => name ?? []);
  const { object } = target;
  const isUnproven = object !== undefined && event.kind !== 'drop-database' && tables.length === 0;
  const filenodes = event.tables.map(({ filenode }) => filenode);
  const described = { ...target, object: target.object ?? describeObject(event) };
  const replayed = describeEnd(described, end, backup, site, options);
  replayed.catch(() => undefined); // the caller awaits it later
  return {
    replayed,
    rescued: {
      oid: event.database.oid,
      name: expectedDatabase(event, wanted),
      xid: event.xid,
      tables,
      unproven: isUnproven ? { object, filenodes } : undefined,
    },
    found: [found, ...more.filter((line) => line !== undefined)],
  };
}

function describeObject({ kind, database, tables }: LogEvent): string | undefined {
  return kind === 'drop-database' ? database.name : tables[0]?.name;
}

async function partOf(
  { plan, segmentBytes }: OpenLog,
  description: string,
  { label }: PhysicalBackup,
  { sandbox, tool }: RecoverySite,
  signal: AbortSignal,
): Promise<LogPart> {
  const { timeline, number } = plan.newest;
  const names = plan.segments.map(({ name }) => name);
  return {
    sandbox,
    binDir: tool.dir,
    directory: await linkSegments(sandbox, `${sandbox.paths.scratch}/log`, names, timeline, signal),
    timeline,
    segmentBytes,
    startLsn: label.startLsn,
    endLsn: formatLsn((number + 1) * segmentBytes),
    description,
  };
}

async function replayTo(
  { key, label, isStopped = false }: PhysicalBackup,
  site: RecoverySite,
  target: ServerTarget,
  { log, recovery, report, onReplaying, signal }: ReplayOptions,
): Promise<ReplayEnd> {
  await using progress = new ReplayProgress({ startLsn: label.startLsn, target, log, site }, signal);
  const end = await recover(site, {
    key,
    // a server with nothing to replay never reaches a target
    target: targetArguments(isStopped && target.kind === 'backup-end' ? { kind: 'latest' } : target),
    point: describeTarget(target.kind === 'position' ? { kind: target.kind, at: target.at } : target),
    restoreCommand: log?.feed.restoreCommand,
    supply: log?.feed.done,
    failure: () => log?.feed.failure,
    // if a segment is missing or damaged, the server only reports that there is no more
    requireWhole: () => log && recovery.log && requireWholeLog(log, recovery.log, undefined),
    onLine: (line) => {
      log?.feed.readLine(line);
      if (/\bLOG:\s+redo done at /.test(line)) report('writing out what was replayed');
    },
    onReplayed: (at) => {
      log?.feed.replayedTo(at);
      report(`replaying the log at ${at}`, progress.at(at));
    },
    signal,
  });
  const until = end.redoDoneAt ?? end.at;
  if (until !== undefined) report(`replayed the log to ${until}`, progress.at(until));
  if (target.kind !== 'latest' || !log || !recovery.log) return end;
  onReplaying?.({ ...notReached(target, log.plan.newest), ...endOf(end), recoverableUntil: end.lastCommitAt });
  if (log.feed.failure) throw log.feed.failure;
  requireWholeLog(log, recovery.log, end.redoDoneAt);
  return end;
}

async function describeEnd(
  target: RecoveryTarget,
  end: ReplayEnd,
  backup: PhysicalBackup,
  site: RecoverySite,
  { log, recovery, signal }: ReplayOptions,
): Promise<Replayed> {
  const where = end.stopped ?? (end.redoDoneAt === undefined ? '' : `at ${end.redoDoneAt}`);
  const part = log && (await partOf(log, recovery.log?.description ?? 'the archive', backup, site, signal));
  const wasReplayed = !end.stopped?.startsWith('before'); // the server also logs the record before which it stopped as done
  const boundary =
    part && end.redoDoneAt !== undefined
      ? await findBoundary(part, { end: end.redoDoneAt, wasReplayed }, signal)
      : undefined;
  const toldAt = end.lastCommitAt;
  return {
    summary: `${describeTarget(target)}${where === '' ? '' : ` (${where})`}`,
    recoverableUntil: target.kind === 'latest' ? toldAt : log && 'unknown',
    lastCommitAt: toldAt,
    end: end.redoDoneAt,
    lastCommit: boundary?.last ?? (toldAt && { transaction: undefined, at: toldAt, position: undefined }),
    firstLost: boundary?.next ?? end.stoppedBefore,
    isWholeLog: target.kind === 'latest',
    ...(log && target.kind !== 'backup-end' ? describeNewest(log.plan.newest) : {}),
  };
}

function endOf({ redoDoneAt, lastCommitAt }: ReplayEnd): Pick<Replayed, 'end' | 'lastCommitAt' | 'lastCommit'> {
  const lastCommit = lastCommitAt && { transaction: undefined, at: lastCommitAt, position: undefined };
  return { end: redoDoneAt, lastCommitAt, lastCommit };
}

/** A point in time is proven from both sides, by what the log contains, not by what the server does. @throws DrillError `target-not-reached`. */
function requireInstant(target: RecoveryTarget, { lastCommit, firstLost }: Replayed): void {
  if (target.kind !== 'time') return;
  const [late, early] = [lastCommit && lastCommit.at > target.at, firstLost && firstLost.at < target.at];
  if (!late && !early) return;
  const [side, commit] = late ? ['is in the copy', lastCommit] : ['is not in the copy', firstLost];
  const of = commit ? ` of ${formatExactInstant(commit.at)}` : '';
  throw new DrillError(
    'target-not-reached',
    `recovery to ${formatExactInstant(target.at)} stopped at another point: the transaction${of} ${side}`,
    { hint: 'The clock of the backed-up server was set back. Name a position in `recover.to`.' },
  );
}
