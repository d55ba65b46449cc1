import { toPrintable } from '../../../support/printable.ts';
import { isAtLeast } from '../../../support/versions.ts';
import type { FormatFacts } from './event-types.ts';
import { type EventBytes, EventTooShort } from './read-bytes.ts';

/** In bytes: time 4, type 1, server 4, length 4, next position 4, flags 2. */
export const HEADER_BYTES = 19;
export const CHECKSUM_BYTES = 4;

/** Of a header's flags: the server had not closed the file. The checksum is that of the event without this flag. */
export const IN_USE = 0x1;
/** The file is what a replica received, and its positions are those of another server's file. */
const RELAY_LOG = 0x40;

/** How the events of a file are to be read. */
export interface LogFormat extends FormatFacts {
  /** Whether the server can write checksums; then this event has one in any case. */
  readonly knowsChecksums: boolean;
  /** In bytes, by type - 1: of the part of an event that comes first, and always has this size. */
  readonly headBytes: Buffer;
}

export interface EventHeader {
  readonly seconds: number;
  readonly code: number;
  readonly serverId: number;
  readonly length: number;
  readonly next: number;
  readonly flags: number;
}

/** @param at where its {@link HEADER_BYTES} begin. */
export function readHeader(bytes: Buffer, at = 0): EventHeader {
  return {
    seconds: bytes.readUInt32LE(at),
    code: bytes.readUInt8(at + 4),
    serverId: bytes.readUInt32LE(at + 5),
    length: bytes.readUInt32LE(at + 9),
    next: bytes.readUInt32LE(at + 13),
    flags: bytes.readUInt16LE(at + 17),
  };
}

/**
 * FORMAT_DESCRIPTION_EVENT: version of the format 2, of the server 50, time 4, length of headers 1, then a byte for each type of event; in servers that know
 * checksums, 5.6.1 and any MariaDB here, how events are checksummed 1 (0: not, 1: CRC-32), and a checksum that is always there.
 * Source: MySQL's libs/mysql/binlog/event/control_events.h, `Format_description_event`.
 * @param bytes behind the header, the checksum included.
 */
export function readFormat(bytes: EventBytes, flags: number): LogFormat {
  const version = bytes.uint(2);
  if (version !== 4) throw new EventTooShort(`it is of version ${version} of the format, not of version 4`);
  if (flags & RELAY_LOG) throw new EventTooShort('it is a relay log, which a replica received, not a binary log');
  const [text = ''] = bytes.take(50).toString('latin1').split('\0');
  const serverVersion = toPrintable(text);
  bytes.skip(4);
  const headerBytes = bytes.uint(1);
  if (headerBytes !== HEADER_BYTES) throw new EventTooShort(`headers have ${headerBytes} bytes, not ${HEADER_BYTES}`);
  const product = /mariadb/i.test(text) ? 'mariadb' : 'mysql';
  const number = /^\d+(?:\.\d+)+/.exec(text)?.[0];
  if (number === undefined) throw new EventTooShort('it does not say the version of its server');
  const knowsChecksums = product === 'mariadb' || isAtLeast(number, '5.6.1');
  const headBytes = bytes.take(bytes.left - (knowsChecksums ? 1 + CHECKSUM_BYTES : 0));
  const algorithm = knowsChecksums ? bytes.uint(1) : 0;
  if (algorithm > 1) throw new EventTooShort(`events have checksums of an unknown kind (${algorithm})`);
  return {
    product,
    serverVersion,
    hasChecksums: algorithm === 1,
    isOpen: (flags & IN_USE) !== 0,
    knowsChecksums,
    headBytes,
  };
}
