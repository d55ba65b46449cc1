import type { GtidFacts } from './event-types.ts';
import type { EventBytes } from './read-bytes.ts';

/** Marks the logical clock that MySQL writes for its parallel replicas. */
const LOGICAL_CLOCK = 2;

/**
 * GTID_LOG_EVENT and ANONYMOUS_GTID_LOG_EVENT: flags 1, UUID 16, number 8; then, since 5.7, the logical clock 1 + 8 + 8; since 8.0, the time of the commit on
 * this server 7, whose highest bit indicates that the time on the original server follows, 7. Source: MySQL's libs/mysql/binlog/event/control_events.h,
 * `Gtid_event`.
 */
export function readGtid(bytes: EventBytes, isAnonymous: boolean): GtidFacts {
  bytes.skip(1);
  const uuid = formatUuid(bytes.take(16));
  const number = bytes.bigUint(8);
  const gtid = isAnonymous ? undefined : `${uuid}:${number}`;
  return { gtid, committedAtMicros: readCommitTime(bytes), isStandalone: undefined };
}

function readCommitTime(bytes: EventBytes): number | undefined {
  if (bytes.left < 17 || bytes.uint(1) !== LOGICAL_CLOCK) return undefined;
  bytes.skip(16);
  if (bytes.left < 7) return undefined;
  const here = bytes.bigUint(7);
  const hasOriginal = (here & (1n << 55n)) !== 0n;
  const micros = hasOriginal ? bytes.bigUint(7) : here;
  return micros === 0n ? undefined : Number(micros & ~(1n << 55n));
}

/** Fields of a tagged GTID, by number. */
const FIELD = {
  flags: 0,
  uuid: 1,
  number: 2,
  tag: 3,
  lastCommitted: 4,
  sequence: 5,
  committedHere: 6,
  committedFirst: 7,
};

/**
 * GTID_TAGGED_LOG_EVENT (8.3 and later): version, size, last field that must be understood; then fields, each preceded by its number, all of them numbers of
 * variable length; missing fields have their defaults. Fields after the times are not read. Source: MySQL's libs/mysql/serialization, and
 * `Gtid_event::define_fields` in control_events.h.
 */
export function readTaggedGtid(bytes: EventBytes): GtidFacts {
  for (let index = 0; index < 3; index += 1) bytes.variableUint();
  let uuid = '';
  let tag = '';
  let number = 0n;
  let here = 0n;
  let first = 0n;
  while (bytes.left > 0) {
    const field = Number(bytes.variableUint());
    if (field === FIELD.flags) bytes.variableUint();
    else if (field === FIELD.uuid)
      uuid = formatUuid(Buffer.from(Array.from({ length: 16 }, () => Number(bytes.variableUint()))));
    else if (field === FIELD.number) number = bytes.variableInt();
    else if (field === FIELD.tag) tag = bytes.take(Number(bytes.variableUint())).toString('latin1');
    else if (field === FIELD.lastCommitted || field === FIELD.sequence) bytes.variableInt();
    else if (field === FIELD.committedHere) here = bytes.variableUint();
    else if (field === FIELD.committedFirst) first = bytes.variableUint();
    else break;
  }
  const micros = first === 0n ? here : first;
  return {
    gtid: `${uuid}:${tag === '' ? '' : `${tag}:`}${number}`,
    committedAtMicros: micros === 0n ? undefined : Number(micros),
    isStandalone: undefined,
  };
}

/**
 * PREVIOUS_GTIDS_LOG_EVENT: number of sources 8; for each its UUID 16, number of intervals 8, and for each interval its first number 8 and the one after its
 * last 8. If GTIDs may have tags, the highest and the lowest byte of the first field are 1, the number is between them, and each UUID is followed by its tag.
 * Source: MySQL's sql/rpl_gtid_set.cc, `Gtid_set::encode`.
 * @returns the set as the server writes it: `8d3f…:1-17:19,…`.
 */
export function readPreviousGtids(bytes: EventBytes): string {
  const head = bytes.bigUint(8);
  const isTagged = head >> 56n === 1n;
  const count = isTagged ? Number((head >> 8n) & 0xffff_ffff_ffffn) : Number(head);
  const sets: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const uuid = formatUuid(bytes.take(16));
    const tag = isTagged ? bytes.take(Number(bytes.variableUint())).toString('latin1') : '';
    const intervals = Number(bytes.bigUint(8));
    const parts: string[] = [];
    for (let each = 0; each < intervals; each += 1) {
      const [first, end] = [bytes.bigUint(8), bytes.bigUint(8)];
      parts.push(end - first === 1n ? `${first}` : `${first}-${end - 1n}`);
    }
    sets.push([uuid, ...(tag === '' ? [] : [tag]), ...parts].join(':'));
  }
  return sets.join(',');
}

/** Bits of `flags2` in MariaDB's GTID_EVENT. */
const FLAG = { standalone: 1, groupCommit: 2, preparedXa: 64, completedXa: 128 };
/** Bits of its extra flags. */
const EXTRA = { startAlter: 2, rollbackAlter: 8 };

/**
 * MariaDB's GTID_EVENT: number 8, domain 4, flags 1; then the group of a group commit 8, the XA transaction (format 4, two lengths 1 + 1, its bytes), and extra
 * flags 1, each if present. The server id is in the event's header. Source: MariaDB's sql/log_event.cc, `Gtid_log_event::Gtid_log_event`.
 */
export function readMariadbGtid(bytes: EventBytes, serverId: number): GtidFacts {
  const number = bytes.bigUint(8);
  const domain = bytes.uint(4);
  const flags = bytes.uint(1);
  const facts = {
    gtid: `${domain}-${serverId}-${number}`,
    committedAtMicros: undefined,
    isStandalone: (flags & FLAG.standalone) !== 0,
  };
  if (flags & FLAG.groupCommit) bytes.skip(8);
  if (flags & (FLAG.preparedXa | FLAG.completedXa)) {
    bytes.skip(4);
    bytes.skip(bytes.uint(1) + bytes.uint(1));
  }
  const extra = bytes.left > 0 ? bytes.uint(1) : 0;
  return extra & (EXTRA.startAlter | EXTRA.rollbackAlter) ? { ...facts, isUnfinishedAlter: true } : facts;
}

/** MariaDB's GTID_LIST_EVENT: number of GTIDs 4, including 4 bits of flags; for each GTID its domain 4, server 4, number 8. */
export function readGtidList(bytes: EventBytes): string {
  const count = bytes.uint(4) & 0x0fff_ffff;
  const gtids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const [domain, server] = [bytes.uint(4), bytes.uint(4)];
    gtids.push(`${domain}-${server}-${bytes.bigUint(8)}`);
  }
  return gtids.join(',');
}

function formatUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
