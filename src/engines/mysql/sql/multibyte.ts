/**
 * Character sets whose characters contain bytes that are ASCII elsewhere: the second byte of a character may be a backslash or a backtick. They
 * matter because the server, and so mysqldump's escaping, reads text in `character_set_client`.
 * Source of the ranges: the character set sections of the MySQL and MariaDB manuals, and GB 18030-2005.
 */
export interface Multibyte {
  /**
   * @param at the index of a byte from 0x80 on.
   * @returns how many bytes the character takes (1 if it is invalid), or 0 if the bytes end before that is known.
   */
  readonly length: (bytes: Buffer, at: number) => number;
}

/** @returns undefined for character sets in which ASCII bytes always mean ASCII. */
export function multibyteOf(charset: string): Multibyte | undefined {
  return CHARSETS[charset.toLowerCase()];
}

type Range = readonly [from: number, to: number];

const isIn = (ranges: readonly Range[], byte: number): boolean =>
  ranges.some(([from, to]) => byte >= from && byte <= to);

function twoBytes(leads: readonly Range[], trails: readonly Range[]): Multibyte {
  return {
    length(bytes, at) {
      if (!isIn(leads, bytes[at] as number)) return 1;
      const trail = bytes[at + 1];
      if (trail === undefined) return 0;
      return isIn(trails, trail) ? 2 : 1;
    },
  };
}

const SHIFT_JIS = twoBytes(
  [
    [0x81, 0x9f],
    [0xe0, 0xfc],
  ],
  [
    [0x40, 0x7e],
    [0x80, 0xfc],
  ],
);

/** Two bytes as in GBK, or four of which the second is a digit. */
const GB18030: Multibyte = {
  length(bytes, at) {
    if (!isIn(LEAD, bytes[at] as number)) return 1;
    const second = bytes[at + 1];
    if (second === undefined) return 0;
    if (isIn(GBK_TRAIL, second)) return 2;
    if (!isIn(DIGIT, second)) return 1;
    const third = bytes[at + 2];
    const fourth = bytes[at + 3];
    if (third === undefined || (isIn(LEAD, third) && fourth === undefined)) return 0;
    return isIn(LEAD, third) && isIn(DIGIT, fourth as number) ? 4 : 1;
  },
};

const LEAD: readonly Range[] = [[0x81, 0xfe]];
const DIGIT: readonly Range[] = [[0x30, 0x39]];
const GBK_TRAIL: readonly Range[] = [
  [0x40, 0x7e],
  [0x80, 0xfe],
];
const BIG5_TRAIL: readonly Range[] = [
  [0x40, 0x7e],
  [0xa1, 0xfe],
];

const CHARSETS: Readonly<Record<string, Multibyte>> = {
  big5: twoBytes([[0xa1, 0xf9]], BIG5_TRAIL),
  gbk: twoBytes(LEAD, GBK_TRAIL),
  gb18030: GB18030,
  sjis: SHIFT_JIS,
  cp932: SHIFT_JIS,
};
