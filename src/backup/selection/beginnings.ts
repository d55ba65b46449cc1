import { isTarHeader } from '../../support/tar-header.ts';
import { beginsLikeSql } from '../archive/member-rules.ts';
import { recogniseLayer } from '../layer-registry.ts';

/** Bytes of each file that {@link readBeginnings} inspects. */
export const BEGINNING_BYTES = 4096;
/** Two copies in a binary format share its magic, two text copies their first line. */
const COMMON_BINARY_BYTES = 3;
const COMMON_TEXT_BYTES = 16;
/** The name in a tar's header. */
const TAR_NAME_BYTES = 100;
/** Markers that dump tools write at the start of a file and nowhere else. */
const HEADING =
  /^(?:\u00ef\u00bb\u00bf)?(?:PGDMP|--\r?\n-- PostgreSQL database|-- (?:MySQL|MariaDB) dump |\/\*M?!999999\\- enable)/;

/**
 * Tells from the first bytes of files whether they are copies, each with its own header, or parts of one file, which has only one.
 * @param beginnings the first bytes of each, in the order of their names.
 * @param hasFirst whether the list includes the first part, if the file was split.
 * @returns undefined if the first bytes are inconclusive.
 */
export function readBeginnings(beginnings: readonly Buffer[], hasFirst: boolean): 'parts' | 'copies' | undefined {
  const [first = Buffer.alloc(0), ...others] = beginnings;
  const later = hasFirst ? others : beginnings;
  if (hasFirst && isTarHeader(first)) {
    if (areCopies(beginnings, hasFirst)) return 'copies';
    return later.some(isOwnBeginning) ? undefined : 'parts';
  }
  if (areCopies(beginnings, hasFirst) || others.some((each) => isAlike(first, each))) return 'copies';
  const isKnown = isOwnBeginning(first) || recogniseLayer(first) !== undefined || beginsLikeSql(first);
  return hasFirst && isKnown ? 'parts' : undefined;
}

/**
 * Whether any but the first is the start of a separate file. In a tar, members start at multiples of 512 bytes, and so may parts of a round size; there, only
 * a repeated name of the first member proves a copy.
 */
export function areCopies(beginnings: readonly Buffer[], hasFirst: boolean): boolean {
  const [first = Buffer.alloc(0), ...others] = beginnings;
  if (!hasFirst) return beginnings.some(isOwnBeginning);
  if (!isTarHeader(first)) return others.some(isOwnBeginning);
  const name = first.subarray(0, TAR_NAME_BYTES);
  return others.some((each) => isTarHeader(each) && each.subarray(0, TAR_NAME_BYTES).equals(name));
}

/** Whether a file starts with the magic of a format, a compression or an encryption. The middle of a file rarely does so by chance. */
function isOwnBeginning(first: Buffer): boolean {
  if (HEADING.test(first.toString('latin1', 0, 128))) return true;
  const layer = recogniseLayer(first);
  return layer !== undefined && !(layer.name === 'openpgp' && (first[0] ?? 0) > 127); // a few bits only
}

function isAlike(a: Buffer, b: Buffer): boolean {
  const length = beginsLikeSql(a) ? COMMON_TEXT_BYTES : COMMON_BINARY_BYTES;
  return a.length >= length && a.subarray(0, length).equals(b.subarray(0, length));
}
