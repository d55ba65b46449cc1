import { DrillError } from '../../../support/errors.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { LoadOptions, Replayed, ReplayedCommit } from '../../engine.ts';
import { describeTarget } from '../../event-words.ts';
import type { LogArchive, RecoveryTarget } from '../../format.ts';
import { LoadErrors } from '../../sql-dump/load-errors.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import type { TransactionMark } from './event-found.ts';
import { commitsTransaction, endsTransaction, type GroupStep, LogGroups } from './log-groups.ts';
import type { StoredLogFile } from './log-names.ts';
import { findOverdueEvents } from './overdue-events.ts';
import type { ReplayPlan } from './plan-replay.ts';
import { requireRescued } from './prove-rescued.ts';
import type { LogPlace } from './read-errors.ts';
import { EventApplier } from './replay-events.ts';
import { asMalformed } from './replay-malformed.ts';
import type { ReplayScope } from './replay-scope.ts';
import { type RawEvent, readRawEvents } from './replay-source.ts';
import { streamLogFile } from './stored-log.ts';
import { committedAt } from './transaction.ts';

export interface ReplayInput {
  readonly server: MysqlServer;
  readonly archive: LogArchive;
  readonly plan: ReplayPlan;
  readonly target: RecoveryTarget;
  readonly scope: ReplayScope;
  readonly ignoreErrors: readonly RegExp[];
  readonly onProgress: LoadOptions['onProgress'];
  readonly signal: AbortSignal;
}

/** Result of a replay. */
export interface ReplayOutcome {
  readonly replayed: Replayed;
  readonly warnings: readonly string[];
}

/**
 * Replays a log onto a restored server, transaction by transaction in one session, and proves that exactly the plan was applied.
 * @throws DrillError `restore-failed` for events that the server rejects, `log-damaged` for files that have changed since the plan was made.
 */
export async function replayLog(input: ReplayInput): Promise<ReplayOutcome> {
  const { server, plan, scope, signal } = input;
  const errors = new LoadErrors(input.ignoreErrors);
  const applier = new EventApplier({ server, scope, errors, signal });
  try {
    await applier.begin();
    const replay = new Replay(input, applier);
    for (const file of plan.files) await replay.readFile(file);
    replay.requireAll();
    await applier.finish();
    if (plan.commits > 0 && !applier.hasApplied) errors.warn(nothingApplied(plan));
    if (plan.lost) await requireRescued(server, plan.lost, signal);
    const until = plan.last && committedAt(plan.last);
    for (const warning of await findOverdueEvents(server, until, signal)) errors.warn(warning);
  } finally {
    input.archive.release?.();
    await applier.close();
  }
  return {
    replayed: describeReplay(input),
    warnings: [
      ...plan.doubts,
      ...plan.rereads,
      ...(input.target.kind === 'before' ? plan.found : []),
      ...errors.warnings,
    ],
  };
}

function nothingApplied({ commits }: ReplayPlan): string {
  const which = commits === 1 ? 'the one transaction' : `none of the ${formatCount(commits)} transactions`;
  return `${which} in the log since the backup ${commits === 1 ? 'does not change' : 'changes'} what was restored: check that \`backup.log.source\` names the log of the backup’s server`;
}

/** Minimum time between progress reports, in milliseconds. */
const REPORT_EVERY_MS = 100;

class Replay {
  private readonly input: ReplayInput;
  private readonly applier: EventApplier;
  private readonly totalBytes: number;
  private doneBytes = 0;
  private commits = 0;
  private lastEnd: string | undefined;
  private reportedAt = 0;

  constructor(input: ReplayInput, applier: EventApplier) {
    this.input = input;
    this.applier = applier;
    this.totalBytes = Math.max(1, bytesToReplay(input.plan));
  }

  async readFile(file: StoredLogFile): Promise<void> {
    const { archive, plan, signal } = this.input;
    const isFirst = file === plan.files[0];
    const from = isFirst ? plan.start.position : 0;
    const to = file.name === plan.stop.file ? plan.stop.position : Number.POSITIVE_INFINITY;
    const groups = new LogGroups();
    let isHeld = false;
    let done = from;
    for await (const event of readRawEvents(streamLogFile(archive, file, signal), file.name)) {
      await this.applier.describe(event);
      if (event.start < from) continue;
      if (event.start >= to) break;
      const place = { file: file.name, at: event.start };
      const step = readStep(groups, event, place);
      if (step.is === 'next') isHeld = this.isHeld(step.gtid);
      if (!isHeld) {
        await this.applier.apply(step, event, `${file.name}:${event.start}`).catch((error: unknown) => {
          throw asMalformed(error, place);
        });
      }
      if (endsTransaction(step)) {
        if (!isHeld) this.lastEnd = `${file.name}:${event.end}`;
        if (!isHeld && commitsTransaction(step)) this.commits += 1;
        isHeld = false;
      }
      this.doneBytes += event.end - done;
      done = event.end;
      this.report(file, event);
    }
  }

  /** @throws DrillError `log-damaged` unless exactly the planned transactions were replayed, up to the planned one. */
  requireAll(): void {
    const { plan } = this.input;
    const last = plan.last && `${plan.last.file}:${plan.last.end}`;
    if (this.commits === plan.commits && this.lastEnd === last) return;
    throw new DrillError(
      'log-damaged',
      `${plan.description} changed during the recovery: ${formatCount(plan.commits)} transactions up to ${last ?? 'the start'} were planned, ${formatCount(this.commits)} up to ${this.lastEnd ?? 'the start'} were found`,
      { hint: 'Make sure that nothing rewrites archived logs, then run the drill again.' },
    );
  }

  private isHeld(gtid: string | undefined): boolean {
    const { held } = this.input.plan;
    return held !== undefined && gtid !== undefined && held.has(gtid);
  }

  private report({ name }: StoredLogFile, { end }: RawEvent): void {
    const now = performance.now();
    if (now - this.reportedAt < REPORT_EVERY_MS) return;
    this.reportedAt = now;
    const ratio = Math.min(1, this.doneBytes / this.totalBytes);
    this.input.onProgress({ bytesRead: 0, doing: `replaying the log at ${name}:${end}`, ratio, phase: 'replay' });
  }
}

function readStep(groups: LogGroups, event: RawEvent, place: LogPlace): GroupStep {
  try {
    return groups.step(event);
  } catch (error) {
    throw asMalformed(error, place);
  }
}

function bytesToReplay({ files, start, stop }: ReplayPlan): number {
  const stored = files.reduce((sum, { name, file }) => sum + (name === stop.file ? stop.position : file.sizeBytes), 0);
  return stored - start.position;
}

function describeReplay({ plan, target }: ReplayInput): Replayed {
  const isWholeLog = target.kind === 'latest';
  const lastCommit = plan.last && commitOf(plan.last, plan.last.end);
  const at = `${plan.stop.file}:${plan.stop.position}`;
  return {
    summary: `${describeTarget(target)} (${at})`,
    recoverableUntil: isWholeLog ? lastCommit?.at : 'unknown',
    lastCommitAt: lastCommit?.at,
    end: at,
    lastCommit,
    firstLost: plan.firstLost && commitOf(plan.firstLost, plan.firstLost.at),
    isWholeLog,
    logEndsWith: isWholeLog ? plan.files.at(-1)?.name : undefined,
  };
}

function commitOf(transaction: TransactionMark, position: number): ReplayedCommit {
  return {
    transaction: transaction.gtid,
    at: committedAt(transaction),
    position: `${transaction.file}:${position}`,
  };
}
