/** The start of a text; empty for other content, so that a dump inside an archive is not mistaken for one. */
export function textOf(head: Buffer): string {
  return isBinary(head) ? '' : head.toString('latin1', 0, 65_536);
}

/** SQL text never starts with zero bytes, whatever its rows contain; archive headers contain some. */
export function isBinary(head: Buffer): boolean {
  return head.subarray(0, 512).includes(0);
}
