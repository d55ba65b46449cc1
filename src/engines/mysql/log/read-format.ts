import { toPrintable } from '../../../support/printable.ts';
import { isAtLeast } from '../../../support/versions.ts';
import type { FormatFacts } from './event-types.ts';
import { type EventBytes, EventTooShort } from './read-bytes.ts';

/** In bytes: time 4, type 1, server 4, length 4, next position 4, flags 2. */
export const HEADER_BYTES = 19;
export const CHECKSUM_BYTES = 4;

/** Flag in the header: the server had not closed the file. The checksum is computed without this flag. */
export const IN_USE = 0x1;
/** The file is one that a replica received, and its positions refer to another server's file. */
const RELAY_LOG = 0x40;

/** How to read the events of a file. */
export interface LogFormat extends FormatFacts {
  /** Whether the server can write checksums; if so, this event always has one. */
  readonly knowsChecksums: boolean;
  /** Sizes in bytes, by type - 1, of the fixed part at the beginning of an event. */
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

/** @param at offset of its {@link HEADER_BYTES}. */
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
 * FORMAT_DESCRIPTION_EVENT: version of the format 2, of the server 50, time 4, length of headers 1, then a byte for each type of event; in servers that support
 * checksums, 5.6.1 and later and any supported MariaDB, the checksum algorithm of events 1 (0: none, 1: CRC-32), and a checksum, which is always present.
 * Source: MySQL's libs/mysql/binlog/event/control_events.h, `Format_description_event`.
 * @param bytes after the header, including the checksum.
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
