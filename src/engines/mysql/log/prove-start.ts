import { DrillError } from '../../../support/errors.ts';
import { formatExactInstant } from '../../../support/instants.ts';
import { versionIn } from '../../../support/versions.ts';
import type { BinaryLogEvent, FormatEvent } from './event-types.ts';
import type { HeldGtids } from './held-gtids.ts';
import { shortenGtids } from './plan-files.ts';
import { type GtidState, gtidState, MariadbGtids } from './plan-gtids.ts';
import type { LogCoordinates } from './start-coordinates.ts';
import { committedAt, type LogStop, type LogTransaction } from './transaction.ts';

export interface StartParts {
  readonly description: string;
  readonly product: 'mysql' | 'mariadb';
  readonly coordinates: LogCoordinates;
  /** Where reading the log starts. */
  readonly start: LogStop;
  /** Transactions in the backup, if it states GTIDs but no position. */
  readonly held: HeldGtids | undefined;
  /** Commit time of the last transaction before the first file; undefined: unknown. */
  readonly heldUntil: Date | undefined;
  /** When the backup was stored. */
  readonly storedAt?: Date | undefined;
}

/**
 * How much later than the stored backup a transaction may be that the log has before the backup's position: clocks differ, and a store may date a backup by the
 * start of its upload.
 */
const TOLERANCE_MS = 48 * 60 * 60_000;
/** Longest time that a backup takes from its position in the log to its end. */
const LONG_BACKUP_MS = 7 * 24 * 60 * 60_000;

/**
 * Proves that a log continues where the backup ends: a transaction begins at the backup's position, the log has nothing before it that the backup lacks, and
 * the GTIDs of both are from the same servers and, for MariaDB, equal.
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

  /** Whether the position of the backup has been reached. */
  get isPast(): boolean {
    return this.past;
  }

  /** When the newest transaction of the backup was committed, as far as the log shows: an earlier instant is out of reach. */
  get takenAt(): Date | undefined {
    return this.lastBefore;
  }

  holds(gtid: string): boolean {
    return this.backup?.has(gtid) === true || this.parts.held?.state.has(gtid) === true;
  }

  /**
   * To be called with the first event of each file. A server begins a new file when it starts, so a file's version is that of the server that wrote it.
   * @throws DrillError `log-incomplete` if it is not the file of that name in the backup. If only GTIDs determine where the log continues, it may be the log of
   * another server in the same replication setup, whose files have the same names.
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

  /** Reasons to doubt that the log belongs to the backup's server, if no GTIDs prove it: a sentence each. */
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

  /** Processes events before the position. */
  note(event: BinaryLogEvent, transaction: LogTransaction | undefined): void {
    if (event.type === 'format') this.lastBefore = new Date(event.seconds * 1000);
    if (transaction) this.lastBefore = committedAt(transaction);
  }

  /** Whether everything in the backup has been read from the log. Always true for a backup that states a position. */
  get isReached(): boolean {
    return this.parts.held?.notReached === undefined;
  }

  /**
   * To be called with each event of the log, before the transaction that it ends. @param isFirstFile whether the event is in the first file that is read.
   * @throws DrillError `log-incomplete`.
   */
  noteGtids(event: BinaryLogEvent, isFirstFile: boolean): void {
    const { held } = this.parts;
    if (!held) return;
    if (event.type === 'previous-gtids' && isFirstFile) held.begin(event.gtids);
    if (event.type !== 'gtid' || event.gtid === undefined || !held.isRepeated(event.gtid)) return;
    throw this.misfit(`${event.gtid} comes after the end of the backup, and a number as high of that server before it`);
  }

  /** @throws DrillError `log-incomplete` if the whole log was read without reaching the end of the backup. */
  requireReached(): void {
    const missing = this.parts.held?.notReached;
    if (missing === undefined) return;
    throw this.misfit(`it does not hold ${missing}, the last transaction of the backup`);
  }

  /** Whether the backup contains a transaction that comes after the start. @throws DrillError `log-incomplete` if that cannot be determined. */
  isHeld({ gtid, file, at }: LogTransaction): boolean {
    const { held } = this.parts;
    if (!held) return false;
    if (gtid !== undefined) return this.isHeldInOrder(gtid, held.state.has(gtid));
    throw this.misfit(`${file}, position ${at}, has a transaction without a GTID, and the backup states GTIDs only`);
  }

  /** The first transaction that the backup lacks. */
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
   * @param isWithin whether it is inside a transaction. @param before GTIDs in the log before it.
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
   * Checks what is known before the position is reached. A MariaDB backup names only the newest GTID of a domain, which after a failover may be from a
   * different server than the one in the head of the file.
   * @param before GTIDs that the first file lists as preceding it. @throws DrillError `log-incomplete` if GTIDs show that the log is not the backup's.
   */
  requireFollows(before: string): void {
    const { product, start } = this.parts;
    const passed = this.comparableWith(gtidState(product, before))?.cannotFollow(before);
    if (passed !== undefined)
      throw this.misfit(`${start.file} continues from ${passed}, and the backup does not hold that`);
  }

  /** @returns the backup's GTIDs, if they can show whether the log is its own. @throws DrillError `log-incomplete` if they are from other servers. */
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

  /** Names and positions of logs recur after RESET, and on other servers. */
  private requireEarlier(): void {
    const { storedAt, start } = this.parts;
    if (!storedAt || !this.lastBefore || this.lastBefore.getTime() <= storedAt.getTime() + TOLERANCE_MS) return;
    throw this.misfit(
      `what ${start.file} has before position ${start.position} is of ${formatExactInstant(this.lastBefore)}, and the backup was stored ${formatExactInstant(storedAt)}`,
    );
  }

  /** A position corresponds to exactly one GTID in each domain of the log. */
  private requireSame(backup: MariadbGtids, log: MariadbGtids): void {
    const { start } = this.parts;
    for (const [domain, gtid] of log.newest) {
      const own = backup.newestOf(domain);
      if (own !== gtid)
        throw this.misfit(`${start.file} is at ${gtid} at position ${start.position}, and the backup is at ${own}`);
    }
  }

  /** @throws DrillError `log-incomplete` if the first file ended before the position. */
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
