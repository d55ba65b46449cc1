import { DrillError } from '../../../support/errors.ts';
import { formatExactInstant } from '../../../support/instants.ts';
import { versionIn } from '../../../support/versions.ts';
import type { BinaryLogEvent } from './event-types.ts';
import type { HeldGtids } from './held-gtids.ts';
import { shortenGtids } from './plan-files.ts';
import { type GtidState, gtidState, MariadbGtids } from './plan-gtids.ts';
import type { LogCoordinates } from './start-coordinates.ts';
import { committedAt, type LogStop, type LogTransaction } from './transaction.ts';

type FormatEvent = Extract<BinaryLogEvent, { type: 'format' }>;

export interface StartParts {
  readonly description: string;
  readonly product: 'mysql' | 'mariadb';
  readonly coordinates: LogCoordinates;
  /** Where the log is read from. */
  readonly start: LogStop;
  /** What the backup holds, where it states that and no position. */
  readonly held: HeldGtids | undefined;
  /** When the last that comes before the first file was committed; undefined: not known. */
  readonly heldUntil: Date | undefined;
  /** When the backup was stored. */
  readonly storedAt?: Date | undefined;
}

/**
 * A log may be so much later than the backup that has it before its own position: clocks differ, and a store may date a backup by the beginning of its upload.
 */
const TOLERANCE_MS = 48 * 60 * 60_000;
/** No backup takes longer from its position in the log to its end. */
const LONG_BACKUP_MS = 7 * 24 * 60 * 60_000;

/**
 * Proves that a log goes on where the backup ends: a transaction begins where the backup says, the log holds nothing before it that the backup does
 * not, and the GTIDs of both are of the same servers and, with MariaDB, the same.
 */
export class StartProof {
  private readonly parts: StartParts;
  private readonly backup: GtidState | undefined;
  private past: boolean;
  private lastBefore: Date | undefined;

  constructor(parts: StartParts) {
    const { product, coordinates, held } = parts;
    this.parts = parts;
    this.past = held !== undefined;
    this.lastBefore = parts.heldUntil;
    this.backup = coordinates.gtids === undefined ? undefined : gtidState(product, coordinates.gtids);
  }

  /** Whether the position of the backup is reached. */
  get isPast(): boolean {
    return this.past;
  }

  /** The newest that the backup holds was committed then, as far as the log shows it: an earlier instant is not in reach. */
  get takenAt(): Date | undefined {
    return this.lastBefore;
  }

  holds(gtid: string): boolean {
    return this.backup?.has(gtid) === true || this.parts.held?.state.has(gtid) === true;
  }

  /**
   * To be called with the first event of each file. A server begins a new file when it starts, so a file's version is that of the server that wrote it.
   * @throws DrillError `log-incomplete` for another file than the one of that name in the backup. Where only GTIDs say where the log goes on, it may be the
   * log of another server of the same replication, whose files have such names, too.
   */
  noteFormat({ seconds, serverId, serverVersion }: FormatEvent, file: string): void {
    const { ownLog, serverVersion: own } = this.parts.coordinates;
    if (!this.parts.held && ownLog?.file === file && (ownLog.seconds !== seconds || ownLog.serverId !== serverId)) {
      const [here, there] = [{ seconds, serverId }, ownLog].map(describeHead);
      throw this.misfit(`${file} was begun by ${here}, and the file of that name in the backup by ${there}`);
    }
    const version = versionIn(serverVersion, 3);
    if (file !== this.parts.start.file || own === undefined || version === undefined || version === own) return;
    this.doubted.push(`${file} was written by a server of ${version}, and the backup is of ${own}`);
  }

  private readonly doubted: string[] = [];
  private isByGtids = false;

  /** What makes it doubtful that the log is of the backup's server, where no GTIDs tell: a sentence each. */
  get doubts(): readonly string[] {
    if (this.isByGtids || this.parts.held) return [];
    return this.doubted.map((doubt) => `${doubt}: without GTIDs, the log may be another server’s`);
  }

  /** The first transaction that is not in the backup. */
  noteFirst(transaction: LogTransaction): void {
    const { storedAt } = this.parts;
    const at = committedAt(transaction);
    if (!storedAt || at.getTime() >= storedAt.getTime() - LONG_BACKUP_MS) return;
    this.doubted.push(
      `the log continues with a transaction of ${formatExactInstant(at)}, and the backup was stored ${formatExactInstant(storedAt)}`,
    );
  }

  /** What comes before the position. */
  note(event: BinaryLogEvent, transaction: LogTransaction | undefined): void {
    if (event.type === 'format') this.lastBefore = new Date(event.seconds * 1000);
    if (transaction) this.lastBefore = committedAt(transaction);
  }

  /** Whether all that the backup holds came before what was read last, as far as the backup states GTIDs only. */
  get isReached(): boolean {
    return this.parts.held?.notReached === undefined;
  }

  /** To be called with each event of the log, before what it ends. @param isFirstFile of those that are read. @throws DrillError `log-incomplete`. */
  noteGtids(event: BinaryLogEvent, isFirstFile: boolean): void {
    const { held } = this.parts;
    if (!held) return;
    if (event.type === 'previous-gtids' && isFirstFile) held.begin(event.gtids);
    if (event.type !== 'gtid' || event.gtid === undefined || !held.isRepeated(event.gtid)) return;
    throw this.misfit(`${event.gtid} comes after the end of the backup, and a number as high of that server before it`);
  }

  /** @throws DrillError `log-incomplete` when the log was read and does not hold where the backup ends. */
  requireReached(): void {
    const missing = this.parts.held?.notReached;
    if (missing === undefined) return;
    throw this.misfit(`it does not hold ${missing}, the last transaction of the backup`);
  }

  /** Whether the backup holds a transaction although it comes after the start. @throws DrillError `log-incomplete` when nothing tells. */
  isHeld({ gtid, file, at }: LogTransaction): boolean {
    const { held } = this.parts;
    if (!held) return false;
    if (gtid !== undefined) return this.isHeldInOrder(gtid, held.state.has(gtid));
    throw this.misfit(`${file}, position ${at}, has a transaction without a GTID, and the backup states GTIDs only`);
  }

  /** The first that the backup does not hold. */
  private firstMissing: string | undefined;

  private isHeldInOrder(gtid: string, isHeld: boolean): boolean {
    if (!isHeld) this.firstMissing ??= gtid;
    else if (this.parts.coordinates.isInLogOrder && this.firstMissing !== undefined)
      throw this.misfit(`the backup holds ${gtid}, and not ${this.firstMissing}, which comes before it in the log`);
    return isHeld;
  }

  noteHeld(transaction: LogTransaction): void {
    this.lastBefore = committedAt(transaction);
  }

  /**
   * To be called with the first event at or after the position.
   * @param isWithin whether it is within a transaction. @param before what the log holds before it.
   * @throws DrillError `log-incomplete` for a log that is not the backup's.
   */
  enter(at: number, isWithin: boolean, before: GtidState | undefined): void {
    const { start } = this.parts;
    this.past = true;
    if (at !== start.position || isWithin)
      throw this.misfit(`no transaction of ${start.file} begins at position ${start.position}`);
    this.requireEarlier();
    const backup = this.comparableWith(before);
    if (!backup || !before) return;
    const missing = backup.missing(String(before));
    if (missing !== undefined)
      throw this.misfit(
        `${start.file} has ${missing} before position ${start.position}, and the backup does not hold that`,
      );
    if (backup instanceof MariadbGtids && before instanceof MariadbGtids) this.requireSame(backup, before);
  }

  /**
   * For what is known before the position is reached. A backup of MariaDB names the newest of a domain only: another server may have written that, after a
   * failover, than what the head of the file names.
   * @param before what the first file says came before it. @throws DrillError `log-incomplete` where GTIDs tell that the log is not the backup's.
   */
  requireFollows(before: string): void {
    const { product, start } = this.parts;
    const passed = this.comparableWith(gtidState(product, before))?.cannotFollow(before);
    if (passed !== undefined)
      throw this.misfit(`${start.file} continues from ${passed}, and the backup does not hold that`);
  }

  /** @returns what the backup holds, where its GTIDs tell whether the log is its own. @throws DrillError `log-incomplete` for those of other servers. */
  private comparableWith(before: GtidState | undefined): GtidState | undefined {
    const { coordinates, start } = this.parts;
    const { gtids } = coordinates;
    if (gtids === undefined || gtids === '' || !this.backup || !before || before.isEmpty) return undefined;
    if (!before.knowsServerOf(gtids))
      throw this.misfit(
        `the GTIDs of the backup, ${shortenGtids(gtids)}, are of other servers than those of ${start.file}`,
      );
    this.isByGtids = true;
    return this.backup;
  }

  /** Names and positions of logs come again after RESET, and on other servers. */
  private requireEarlier(): void {
    const { storedAt, start } = this.parts;
    if (!storedAt || !this.lastBefore || this.lastBefore.getTime() <= storedAt.getTime() + TOLERANCE_MS) return;
    throw this.misfit(
      `what ${start.file} has before position ${start.position} is of ${formatExactInstant(this.lastBefore)}, and the backup was stored ${formatExactInstant(storedAt)}`,
    );
  }

  /** A position is one state of a server, in each domain that its log has. */
  private requireSame(backup: MariadbGtids, log: MariadbGtids): void {
    const { start } = this.parts;
    for (const [domain, gtid] of log.newest) {
      const own = backup.newestOf(domain);
      if (own !== gtid)
        throw this.misfit(`${start.file} is at ${gtid} at position ${start.position}, and the backup is at ${own}`);
    }
  }

  /** @throws DrillError `log-incomplete` when the first file was read and ended before the position. */
  requirePast(end: LogStop): void {
    if (this.past) return;
    const { start } = this.parts;
    throw this.misfit(
      `${start.file} ends at position ${end.position}, before the backup, which is at ${start.position}`,
    );
  }

  private misfit(what: string): DrillError {
    const { description, coordinates } = this.parts;
    return new DrillError('log-incomplete', `${description} does not fit the backup: ${what} (${coordinates.saidBy})`, {
      hint: 'The log is from another server, or from before the server’s log was reset, or its copy is incomplete: point `backup.log.source` at the log of the backup’s server.',
    });
  }
}

function describeHead({ seconds, serverId }: { readonly seconds: number; readonly serverId: number }): string {
  return `server_id ${serverId} at ${formatExactInstant(new Date(seconds * 1000))}`;
}
