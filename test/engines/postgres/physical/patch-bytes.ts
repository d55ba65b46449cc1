import { readFileSync, writeFileSync } from 'node:fs';
import { crc32c } from '../../../../src/support/crc32c.ts';

/**
 * Build options in pg_control, in the order in which they are stored. Source: src/include/catalog/pg_control.h,
 * ControlFileData.
 */
const BUILD_OPTIONS = { blcksz: 8192, relseg_size: 131_072, xlog_blcksz: 8192 };

/** Changes a data directory into that of a server built with another value, with a correct checksum. */
export function changeBuildOption(control: string, option: keyof typeof BUILD_OPTIONS, value: number): void {
  const file = readFileSync(control);
  const values = Buffer.alloc(12);
  for (const [index, each] of Object.values(BUILD_OPTIONS).entries()) values.writeUInt32LE(each, index * 4);
  const at = file.indexOf(values);
  const sum = findChecksum(file, at);
  file.writeUInt32LE(value, at + 4 * Object.keys(BUILD_OPTIONS).indexOf(option));
  file.writeUInt32LE(crc32c(file.subarray(0, sum)), sum);
  writeFileSync(control, file);
}

function findChecksum(file: Buffer, from: number): number {
  for (let at = from; at < 512; at += 4) if (file.readUInt32LE(at) === crc32c(file.subarray(0, at))) return at;
  throw new Error('pg_control has no checksum');
}

const HEADER_BYTES = 24;
/**
 * Bytes before the prefix of a logical message: the headers of the record, of its data and of the message. Source:
 * src/include/replication/message.h.
 */
const BEFORE_PREFIX = HEADER_BYTES + 2 + 24;

/**
 * Assigns the record of a logical message to an extension's resource manager, with a correct checksum.
 * @param prefix prefix of the message, unique in this segment.
 */
export function changeResourceManager(segment: string, prefix: string, id: number): void {
  const file = readFileSync(segment);
  const start = file.indexOf(`${prefix}\0`) - BEFORE_PREFIX;
  const record = file.subarray(start, start + file.readUInt32LE(start));
  const sum = () => crc32c(record.subarray(0, HEADER_BYTES - 4), crc32c(record.subarray(HEADER_BYTES)));
  if (record.readUInt32LE(HEADER_BYTES - 4) !== sum()) throw new Error(`no record of ${prefix} here`);
  record.writeUInt8(id, 17);
  record.writeUInt32LE(sum(), HEADER_BYTES - 4);
  writeFileSync(segment, file);
}
