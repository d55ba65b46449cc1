import { DrillError } from '../../../support/errors.ts';
import type { LogArchive, RecoveryTarget } from '../../format.ts';
import type { ChosenStop, StopChooser } from './choose-outcome.ts';
import { chooserFor } from './choose-stop.ts';
import { markOf, type TransactionMark } from './event-found.ts';
import type { BinaryLogEvent } from './event-types.ts';
import { type HeldGtids, heldGtids } from './held-gtids.ts';
import type { StoredLogFile } from './log-names.ts';
import { describeRereads, openTars } from './open-tars.ts';
import { findFirstFile, type LogFiles, planFiles } from './plan-files.ts';
import { type GtidState, gtidState } from './plan-gtids.ts';
import { LogChain } from './prove-chain.ts';
import { type BegunFile, requireNewest } from './prove-newest.ts';
import { StartProof } from './prove-start.ts';
import { readLog } from './read-log.ts';
import { readTransactions } from './read-transactions.ts';
import type { LogCoordinates } from './start-coordinates.ts';
import { streamLogFile } from './stored-log.ts';
import type { CountRows } from './table-sizes.ts';
import { committedAt, type LogStop, type LogTransaction } from './transaction.ts';
import { TransactionAssembler } from './transaction-assembler.ts';

/** The plan of a replay, known in advance: the log has been read and verified completely. */
export interface ReplayPlan {
  readonly description: string;
  /** From the first to the last file that is read. */
  readonly files: readonly StoredLogFile[];
  readonly start: LogStop;
  readonly stop: LogStop;
  /** Transactions that are in the backup even though they come after the start; only for a backup that states GTIDs but no position. */
  readonly held: GtidState | undefined;
  /** Number of commits that are replayed. */
  readonly commits: number;
  readonly last: TransactionMark | undefined;
  /** First transaction that is not replayed; undefined: the log is replayed to the end. */
  readonly firstLost: TransactionMark | undefined;
  /** For `before`: the loss that it stops before. */
  readonly lost: ChosenStop['lost'];
  /** Human-readable: what was found in the log. */
  readonly found: readonly string[];
  /** Reasons to doubt that the log belongs to the backup's server. */
  readonly doubts: readonly string[];
  /** Reasons why reading the log takes longer than necessary. */
  readonly rereads: readonly string[];
}

export interface PlanInput {
  readonly product: 'mysql' | 'mariadb';
  readonly archive: LogArchive;
  readonly coordinates: LogCoordinates;
  readonly target: RecoveryTarget;
  /** The database that the drill is about. */
  readonly database: string | undefined;
  /** When the backup was stored; undefined: unknown. */
  readonly storedAt?: Date | undefined;
  /** Called once per table, and only if the target depends on it. undefined: unknown. */
  readonly countRows?: CountRows | undefined;
  readonly signal: AbortSignal;
}

/**
 * Reads the log from the backup's position on, proves that it has no gap, and finds where the replay stops.
 * @throws DrillError `log-incomplete`, `log-damaged`, `backup-encrypted`, `engine-mismatch`, `target-not-reached`, what reading the archive throws.
 */
export async function planReplay(input: PlanInput): Promise<ReplayPlan> {
  const { archive, damage } = await openTars(input.archive, { signal: input.signal });
  try {
    return await planWithin({ ...input, archive }, damage);
  } catch (error) {
    // files missing from a truncated tar are not a gap in the log
    if (damage && error instanceof DrillError && NOT_THERE.has(error.code)) throw damage;
    throw error;
  } finally {
    archive.release?.();
  }
}

const NOT_THERE: ReadonlySet<string> = new Set(['log-incomplete', 'target-not-reached']);

async function planWithin(input: PlanInput, damage: DrillError | undefined): Promise<ReplayPlan> {
  const listed = planFiles(input.archive, input.coordinates);
  const planner = await plannerFor(input, listed);
  const plan = await planner.plan(damage);
  const { highest } = planner;
  const { lowest } = listed;
  if (input.target.kind === 'latest' && highest && lowest && lowest !== plan.files[0])
    await requireNewest(input.archive, lowest, highest, input.signal);
  return plan;
}

async function plannerFor(input: PlanInput, listed: LogFiles): Promise<Planner> {
  const { product, archive, coordinates, signal } = input;
  if (listed.startsAtFile) return new Planner(input, listed.files, undefined);
  const gtids = coordinates.gtids ?? '';
  const files = await findFirstFile(listed, { archive, coordinates, held: gtidState(product, gtids), signal });
  const heldUntil = input.target.kind === 'time' ? await lastCommitBefore(listed.files, files[0], input) : undefined;
  return new Planner(input, files, heldGtids(product, gtids), heldUntil);
}

/** Problems that a file may have if it is not replayed. */
const UNREADABLE: ReadonlySet<string> = new Set(['log-damaged', 'backup-truncated', 'backup-corrupt', 'backup-empty']);

/** Commit time of the last transaction before a file, if the archive contains it completely. Such a transaction is never replayed. */
async function lastCommitBefore(
  listed: readonly StoredLogFile[],
  first: StoredLogFile | undefined,
  { archive, signal }: PlanInput,
): Promise<Date | undefined> {
  const earlier = listed.filter(({ number }) => first !== undefined && number < first.number);
  for (const file of earlier.reverse()) {
    let last: LogTransaction | undefined;
    const open = () => streamLogFile(archive, file, signal);
    try {
      for await (const batch of readTransactions({ files: [{ name: file.name, open }] }, signal))
        last = batch.at(-1) ?? last;
    } catch (error) {
      if (!(error instanceof DrillError) || !UNREADABLE.has(error.code)) throw error;
    }
    if (last) return committedAt(last);
  }
  return undefined;
}

/** Offset of a file's first event. */
const FIRST_EVENT = 4;

class Planner {
  private readonly input: PlanInput;
  private readonly files: readonly StoredLogFile[];
  private readonly held: HeldGtids | undefined;
  private readonly chain: LogChain;
  private readonly start: LogStop;
  private readonly proof: StartProof;
  private chooser: StopChooser | undefined;
  private commits = 0;
  private last: TransactionMark | undefined;
  private end: LogStop;

  constructor(input: PlanInput, files: readonly StoredLogFile[], held: HeldGtids | undefined, heldUntil?: Date) {
    const { product, archive, coordinates, storedAt } = input;
    this.input = input;
    this.files = files;
    this.held = held;
    this.chain = new LogChain(archive.description, product);
    const position = held === undefined ? (coordinates.at?.position ?? FIRST_EVENT) : FIRST_EVENT;
    this.start = { file: files[0]?.name ?? '', position };
    this.end = this.start;
    this.proof = new StartProof({
      description: archive.description,
      product,
      coordinates,
      start: this.start,
      held,
      heldUntil,
      storedAt,
    });
    if (held) this.chooser = this.chooseFrom(undefined);
  }

  /** The last file that was read; undefined if none was. */
  get highest(): BegunFile | undefined {
    const { format } = this.chain;
    return format && { name: this.end.file, format };
  }

  /** @param damage of an archive, beyond which nothing is known about it. */
  async plan(damage: DrillError | undefined): Promise<ReplayPlan> {
    let isSettled = false;
    for (const [index, file] of this.files.entries()) {
      await this.readFile(file, this.files[index - 1]);
      isSettled = this.isSettled();
      if (isSettled) break;
    }
    if (damage && !isSettled) throw damage;
    this.proof.requireReached();
    const { start, held, input } = this;
    const chosen = this.chooser?.choose();
    const stop = chosen?.stop ?? this.end;
    const upTo = this.files.findIndex(({ name }) => name === stop.file);
    const files = this.files.slice(0, upTo + 1);
    return {
      description: input.archive.description,
      files,
      start,
      stop,
      held: held?.state,
      commits: this.commits - (chosen?.commitsLeft ?? 0),
      last: chosen ? chosen.last : this.last,
      firstLost: chosen?.first,
      lost: chosen?.lost,
      found: chosen?.found ?? [],
      doubts: this.proof.doubts,
      rereads: describeRereads(input.archive, files),
    };
  }

  /** Whether nothing later in the log can change where the replay stops: gaps there do not matter. */
  private isSettled(): boolean {
    const { kind } = this.input.target;
    if (!this.proof.isReached || (kind !== 'time' && kind !== 'position')) return false;
    try {
      return this.chooser?.choose().first !== undefined;
    } catch (error) {
      if (error instanceof DrillError && error.code === 'target-not-reached') return false;
      throw error;
    }
  }

  private async readFile(file: StoredLogFile, before: StoredLogFile | undefined): Promise<void> {
    const { archive, signal } = this.input;
    const assembler = new TransactionAssembler(file.name);
    this.chain.begin(file);
    for await (const batch of readLog(streamLogFile(archive, file, signal), { file: file.name, signal })) {
      for (const event of batch) {
        const transaction = this.takeEvent(event, file, before, assembler);
        if (!transaction) continue;
        await this.chooser?.prepare?.(transaction);
        this.takeTransaction(transaction);
      }
    }
    if (!before) {
      this.enter(this.end.position, assembler);
      this.proof.requirePast(this.end);
    }
    const { unfinishedAt } = assembler;
    if (unfinishedAt === undefined) return;
    throw new DrillError(
      'log-incomplete',
      `${file.name} in ${archive.description} ends within the transaction that begins at position ${unfinishedAt}`,
      { hint: 'If the file was copied while the server wrote to it, run FLUSH BINARY LOGS before the copy.' },
    );
  }

  /** @returns the transaction that the event ends, unless the backup contains it. */
  private takeEvent(
    event: BinaryLogEvent,
    file: StoredLogFile,
    before: StoredLogFile | undefined,
    assembler: TransactionAssembler,
  ): LogTransaction | undefined {
    if (!before) this.enter(event.at, assembler);
    this.chain.note(event, before);
    if (event.type === 'format') this.proof.noteFormat(event, file.name);
    this.proof.noteGtids(event, before === undefined);
    const transaction = assembler.take(event);
    this.end = { file: file.name, position: event.end };
    if (!this.proof.isPast) {
      this.proof.note(event, transaction);
      return undefined;
    }
    const isHeld = transaction !== undefined && this.proof.isHeld(transaction);
    if (isHeld) this.takeHeld(transaction);
    this.chooser?.noteEvent?.(event, file.name);
    return isHeld ? undefined : transaction;
  }

  /** Called once the position of the backup is reached. */
  private enter(at: number, assembler: TransactionAssembler): void {
    if (this.proof.isPast || at < this.start.position) return;
    this.proof.enter(at, assembler.unfinishedAt !== undefined, this.chain.gtids);
    this.chooser = this.chooseFrom(this.start);
  }

  private chooseFrom(from: LogStop | undefined): StopChooser | undefined {
    const { target, database, countRows } = this.input;
    const { takenAt } = this.proof;
    return chooserFor(target, { database, takenAt, from, countRows, holds: (gtid) => this.proof.holds(gtid) });
  }

  /** For a backup that states only GTIDs: its transactions end here, as far as the log has been read, and earlier targets are out of reach. */
  private takeHeld(transaction: LogTransaction): void {
    this.proof.noteHeld(transaction);
    if (!this.last) this.chooser = this.chooseFrom({ file: transaction.file, position: transaction.end });
  }

  private takeTransaction(transaction: LogTransaction): void {
    if (!this.last) this.proof.noteFirst(transaction);
    this.chooser?.take(transaction);
    this.last = markOf(transaction);
    if (transaction.outcome === 'committed') this.commits += 1;
  }
}
