/** Offset in bytes of the field, in the head of an Aria index file, that states where the table's description begins. */
const BASE_AT = 12;
/** Offset in bytes of the table's options within the description. */
export const OPTIONS_AT = 90;
const IS_ENCRYPTED = 1;
const MAGIC = Buffer.from([0xfe, 0xfe, 0x09]);
/** In bytes: the head is followed by the roots of up to 64 keys. */
const MAX_BASE = 8192;

/**
 * Whether the server encrypts an Aria table, according to the head of its index file (`.MAI`). Source: MariaDB's storage/maria/ma_open.c,
 * `_ma_base_info_write`, and maria_def.h, MA_EXTRA_OPTIONS_ENCRYPTED.
 * @returns undefined if the head is too short to tell; false if it is not such a file.
 */
export function isEncryptedAria(head: Buffer): boolean | undefined {
  if (head.length < BASE_AT + 2) return undefined;
  const base = head.readUInt16BE(BASE_AT);
  if (!head.subarray(0, MAGIC.length).equals(MAGIC) || base > MAX_BASE) return false;
  const at = base + OPTIONS_AT;
  return head.length < at + 2 ? undefined : (head.readUInt16BE(at) & IS_ENCRYPTED) !== 0;
}
