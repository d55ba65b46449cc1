import { readGtid, readMariadbGtid, readTaggedGtid } from './event-gtid.ts';
import { EVENT, type GtidFacts } from './event-types.ts';
import { type LoggedQuery, readLoggedQuery } from './logged-query.ts';
import { EventBytes } from './read-bytes.ts';
import type { RawEvent } from './replay-source.ts';

/** What an event means for the transaction it belongs to. */
export type GroupStep =
  /** A commit without a transaction. */
  | { readonly is: 'outside' }
  /** The GTID of the next transaction. @param isHalf whether MariaDB logs the statement twice and this is only its start, which is not replayed. */
  | { readonly is: 'next'; readonly gtid: string | undefined; readonly isHalf: boolean; readonly opening: string }
  | { readonly is: 'begin' }
  | { readonly is: 'xa-begin' | 'xa-end'; readonly sql: string }
  | { readonly is: 'statement'; readonly query: LoggedQuery; readonly isAlone: boolean }
  | { readonly is: 'content' }
  | { readonly is: 'commit' | 'rollback' }
  | { readonly is: 'xa-prepare'; readonly xid: string; readonly isOnePhase: boolean }
  | {
      readonly is: 'xa-finish';
      readonly sql: string;
      readonly xid: string;
      readonly isCommit: boolean;
      readonly isOnePhase: boolean;
    };

const GTIDS = new Set<number>([EVENT.gtid, EVENT.anonymousGtid, EVENT.taggedGtid, EVENT.mariadbGtid]);
/** In bytes: a statement that begins or ends a transaction is not longer. */
const MAX_CONTROL_BYTES = 512;
const CONTROL =
  /^(?:(BEGIN|START TRANSACTION)|(COMMIT)|(ROLLBACK)|(XA (?:START|BEGIN)\s.*)|(XA END\s.*)|XA (COMMIT|ROLLBACK)\s+(.*?)(\s+ONE\s+PHASE)?)\s*$/is;

/** Tracks the transactions of a log, event by event. */
export class LogGroups {
  private isInside = false;

  step(event: RawEvent): GroupStep {
    const { type, body } = event;
    if (GTIDS.has(type)) return this.next(event);
    if (type === EVENT.query) return this.takeQuery(body);
    if (type === EVENT.tableMap && !this.isInside) {
      this.isInside = true; // servers before 5.6 have no GTID event
      this.hasBegun = true;
    }
    if (!this.isInside && (type === EVENT.xid || type === EVENT.xaPrepare)) return { is: 'outside' };
    if (type === EVENT.xid) return this.end({ is: 'commit' });
    if (type === EVENT.xaPrepare) return this.end(readXaPrepare(body));
    return { is: 'content' };
  }

  private next(event: RawEvent): GroupStep {
    this.isInside = true;
    this.hasBegun = false;
    const { gtid, isStandalone, isUnfinishedAlter } = readFacts(event);
    this.hasBegun = isStandalone === false;
    const opening = (event.type === EVENT.mariadbGtid && xaStartIn(event.body)) || 'BEGIN';
    return { is: 'next', gtid, isHalf: isUnfinishedAlter === true, opening };
  }

  /** Whether the following events are part of a transaction that a commit ends. */
  private hasBegun = false;

  private takeQuery(body: Buffer): GroupStep {
    const query = readLoggedQuery(body);
    if (!query) return { is: 'content' };
    this.isInside = true;
    const text = query.sql.length > MAX_CONTROL_BYTES ? '' : query.sql.toString('latin1');
    const [, begin, commit, rollback, xaBegin, xaEnd, xaFinish, xid, onePhase] = CONTROL.exec(text) ?? [];
    if (begin !== undefined) {
      this.hasBegun = true;
      return { is: 'begin' };
    }
    if (commit !== undefined) return this.end({ is: 'commit' });
    if (rollback !== undefined) return this.end({ is: 'rollback' });
    if (xaBegin !== undefined) {
      this.hasBegun = true;
      return { is: 'xa-begin', sql: xaBegin };
    }
    if (xaEnd !== undefined) return { is: 'xa-end', sql: xaEnd };
    if (xid !== undefined)
      return this.end({
        is: 'xa-finish',
        sql: text,
        xid: xid.replaceAll(/\s/g, ''),
        isCommit: xaFinish?.toUpperCase() === 'COMMIT',
        isOnePhase: onePhase !== undefined,
      });
    const isAlone = !this.hasBegun;
    if (isAlone) this.isInside = false;
    return { is: 'statement', query, isAlone };
  }

  private end<Step extends GroupStep>(step: Step): Step {
    this.isInside = false;
    this.hasBegun = false;
    return step;
  }
}

function readFacts({ type, body, serverId }: RawEvent): GtidFacts {
  const bytes = new EventBytes(body);
  if (type === EVENT.mariadbGtid) return readMariadbGtid(bytes, serverId);
  return type === EVENT.taggedGtid ? readTaggedGtid(bytes) : readGtid(bytes, type === EVENT.anonymousGtid);
}

/** In MariaDB's GTID_EVENT: number 8, domain 4, flags 1. */
const FLAGS_AT = 12;
const FLAG = { groupCommit: 2, preparedXa: 64 };

/** MariaDB has no event for XA START: the GTID event contains the identifier. See readMariadbGtid. */
function xaStartIn(body: Buffer): string | undefined {
  const bytes = new EventBytes(body);
  bytes.skip(FLAGS_AT);
  const flags = bytes.uint(1);
  if ((flags & FLAG.preparedXa) === 0) return undefined;
  if (flags & FLAG.groupCommit) bytes.skip(8);
  const format = bytes.uint(4);
  const [transaction, branch] = [bytes.uint(1), bytes.uint(1)];
  const [first, second] = [bytes.take(transaction), bytes.take(branch)].map((part) => part.toString('hex'));
  return `XA START X'${first}',X'${second}',${format}`;
}

/** Whether a step is the last of its transaction. */
export function endsTransaction(step: GroupStep): boolean {
  return (
    step.is === 'commit' ||
    step.is === 'rollback' ||
    step.is === 'xa-prepare' ||
    step.is === 'xa-finish' ||
    (step.is === 'statement' && step.isAlone)
  );
}

/** Whether a step ends its transaction with a commit. */
export function commitsTransaction(step: GroupStep): boolean {
  if (step.is === 'xa-prepare') return step.isOnePhase;
  if (step.is === 'xa-finish') return step.isCommit;
  return step.is !== 'rollback' && endsTransaction(step);
}

/** See readXaPrepare in read-event.ts. */
function readXaPrepare(body: Buffer): Extract<GroupStep, { is: 'xa-prepare' }> {
  const bytes = new EventBytes(body);
  const isOnePhase = bytes.uint(1) !== 0;
  const format = bytes.uint(4);
  const [transaction, branch] = [bytes.uint(4), bytes.uint(4)];
  const [first, second] = [bytes.take(transaction), bytes.take(branch)].map((part) => part.toString('hex'));
  return { is: 'xa-prepare', xid: `X'${first}',X'${second}',${format}`, isOnePhase };
}
