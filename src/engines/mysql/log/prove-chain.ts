import { DrillError } from '../../../support/errors.ts';
import { formatExactInstant } from '../../../support/instants.ts';
import type { BinaryLogEvent, FormatEvent } from './event-types.ts';
import { nameAt, type StoredLogFile } from './log-names.ts';
import { type GtidState, gtidState } from './plan-gtids.ts';

/** How a file ended: with the name of the next one, with a server that stopped, or with neither. */
type FileEnd = { readonly is: 'rotate'; readonly next: string } | { readonly is: 'stop' | 'none' };

/**
 * Proves that the files of an archive form one log without a gap: they are from one server, each is complete and followed by the file that it names, and, if
 * transactions have GTIDs, contains every one that the next file lists as preceding it.
 */
export class LogChain {
  private readonly description: string;
  private readonly product: 'mysql' | 'mariadb';
  /** GTIDs in the files so far, including those that the first file lists as preceding it. */
  gtids: GtidState | undefined;
  format: FormatEvent | undefined;
  private serverId: number | undefined;
  private file: StoredLogFile | undefined;
  private end: FileEnd = { is: 'none' };
  private hasGtids = false;

  constructor(description: string, product: 'mysql' | 'mariadb') {
    this.description = description;
    this.product = product;
  }

  /** To be called before a file’s first event. @throws DrillError `log-incomplete` if the previous file does not lead to it. */
  begin(file: StoredLogFile): void {
    const before = this.file;
    if (before && file.number !== before.number + 1) {
      const missing = nameAt(file, before.number + 1);
      const upTo = file.number === before.number + 2 ? '' : ` to ${nameAt(file, file.number - 1)}`;
      throw this.hole(`${missing}${upTo} is missing, between ${before.name} and ${file.name}`);
    }
    if (before && this.end.is === 'rotate' && this.end.next !== file.name) {
      throw this.hole(`${before.name} says that ${this.end.next} follows it, and the archive has ${file.name}`);
    }
    this.file = file;
  }

  /** @param before the previous file. */
  note(event: BinaryLogEvent, before: StoredLogFile | undefined): void {
    if (event.type !== 'format' && event.type !== 'previous-gtids') {
      this.requirePredecessor(before);
      this.requireLater(before);
    }
    switch (event.type) {
      case 'format':
        this.noteFormat(event);
        return;
      case 'previous-gtids':
        this.notePrevious(event.gtids);
        return;
      case 'gtid':
        this.noteGtid(event.gtid, before);
        return;
      case 'rotate':
        this.end = { is: 'rotate', next: event.nextFile };
        return;
      case 'stop':
        this.end = { is: 'stop' };
        return;
      case 'incident':
        throw this.hole(
          `${this.file?.name}, position ${event.at}, says that the server lost something that should be in it: ${event.message}`,
        );
      default:
    }
  }

  private noteFormat(event: FormatEvent): void {
    if (event.product !== this.product) {
      const title = event.product === 'mysql' ? 'MySQL' : 'MariaDB';
      throw new DrillError(
        'engine-mismatch',
        `${this.file?.name} in ${this.description} is a log of ${title} ${event.serverVersion}`,
        {
          hint: 'Point `backup.log.source` at the log of the server that the backup came from.',
        },
      );
    }
    if (this.serverId !== undefined && event.serverId !== this.serverId) {
      throw this.hole(
        `${this.file?.name} is of another server than the file before it: its server_id is ${event.serverId}, and was ${this.serverId}`,
        'Archive each server’s log in a folder of its own. If the server’s own number was changed, take a new backup after it.',
      );
    }
    this.serverId = event.serverId;
    this.begunBefore = this.format && isBegunBefore(event, this.format) ? this.format : undefined;
    this.endedOpen = this.end.is === 'none' && this.format !== undefined;
    this.openHeld = this.holds;
    this.holds = 'nothing';
    this.end = { is: 'none' };
    this.format = event;
  }

  private noteGtid(gtid: string | undefined, before: StoredLogFile | undefined): void {
    if (gtid === undefined && this.isOpenEmpty) {
      this.endedOpen = true;
      this.requirePredecessor(before);
    }
    this.isOpenEmpty = false;
    if (gtid === undefined) this.holds = 'anonymous';
    else {
      if (this.holds === 'nothing') this.holds = 'gtids';
      this.hasGtids = true;
      this.gtids?.add(gtid);
    }
  }

  /** Transactions in this file, and in the previous one: a transaction without a GTID is in no list. */
  private holds: 'nothing' | 'gtids' | 'anonymous' = 'nothing';
  private openHeld: 'nothing' | 'gtids' | 'anonymous' = 'nothing';
  /** Whether the previous file had neither an end nor a transaction: the first transaction after it shows whether they have GTIDs. */
  private isOpenEmpty = false;

  /** Whether the previous file had no end, so that only GTIDs can prove it complete. */
  private endedOpen = false;

  private notePrevious(gtids: string): void {
    if (this.gtids === undefined) {
      this.gtids = gtidState(this.product, gtids);
      return;
    }
    const missing = this.gtids.missing(gtids);
    if (missing !== undefined) {
      throw this.hole(`${this.file?.name} says that ${missing} came before it, and the archive does not have that`);
    }
    if (this.openHeld === 'anonymous' || (!this.hasGtids && gtids === '')) return;
    this.isOpenEmpty = this.endedOpen && this.openHeld === 'nothing';
    this.endedOpen = false;
  }

  /** A file without an end is complete only if the next one lists all of its GTIDs. */
  private requirePredecessor(before: StoredLogFile | undefined): void {
    if (!this.endedOpen || !before) return;
    throw this.hole(
      `${before.name} ends without saying which file follows it, and ${this.file?.name} does: the server had crashed, or the copy was made before the file was complete`,
      'Copy the file from the server again. If the server had crashed there, there is no way to tell whether the log is whole: take a new backup.',
    );
  }

  /** The head of the previous file, if this one was begun before it. */
  private begunBefore: FormatEvent | undefined;

  /** After a reset, names begin again. Without GTIDs, only the time distinguishes a file from one of that name from before the reset. */
  private requireLater(before: StoredLogFile | undefined): void {
    if (!this.begunBefore || !this.format || this.hasGtids || !before) return;
    throw this.hole(
      `${this.file?.name} was begun ${begunAt(this.format)}, before ${before.name} (${begunAt(this.begunBefore)}): it is from before the server’s log was reset`,
      'Remove the files from before the reset from the archive, and copy the newer ones of these names from the server.',
    );
  }

  private hole(what: string, hint = HOLE_HINT): DrillError {
    return new DrillError('log-incomplete', `${this.description}: ${what}`, { hint });
  }
}

/** How far, in seconds, a clock is set back where it shows local time and summer time ends. */
const CLOCK_STEP = 3600;

/** Whether the server began a file before another one, by more than its clock may have been set back in between. */
export function isBegunBefore(file: Pick<FormatEvent, 'seconds'>, other: Pick<FormatEvent, 'seconds'>): boolean {
  return file.seconds < other.seconds - CLOCK_STEP;
}

/** For use in messages. */
export function begunAt({ seconds }: Pick<FormatEvent, 'seconds'>): string {
  return formatExactInstant(new Date(seconds * 1000));
}

const HOLE_HINT =
  'Copy what is missing from the server if it still has it; else take a new backup now: nothing after the hole can be recovered.';
