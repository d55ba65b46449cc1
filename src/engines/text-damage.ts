import { formatCount } from '../support/quantities.ts';

/** As much of the head as the sampling looks at. */
const SAMPLE_BYTES = 4096;

/** @returns `UTF-16` or `UTF-32` for text in these encodings, with its byte order mark or without; undefined for anything else. */
export function wideEncodingOf(head: Buffer): 'UTF-16' | 'UTF-32' | undefined {
  const mark = head.toString('hex', 0, 4);
  if (mark === 'fffe0000' || mark === '0000feff') return 'UTF-32';
  if (mark.startsWith('fffe') || mark.startsWith('feff')) return 'UTF-16';
  const sample = head.subarray(0, SAMPLE_BYTES - (SAMPLE_BYTES % 2));
  const pairs = Math.floor(sample.length / 2);
  if (pairs < 8) return undefined;
  const zeros = [0, 0];
  let printable = 0;
  for (let at = 0; at < pairs * 2; at += 1) {
    const byte = sample[at] ?? 0;
    if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
    else if (byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127)) printable += 1;
  }
  // dumps begin with comments in ASCII: one byte of nearly each pair is zero, always the same one, and the other one is text
  const [most = 0, least = 0] = zeros.sort((a, b) => b - a);
  return most >= pairs * 0.9 && least === 0 && printable >= pairs * 0.9 ? 'UTF-16' : undefined;
}

/**
 * Whether binary data went through something that turned each line feed into carriage return and line feed: a terminal (`docker exec -t`), or
 * a transfer as text. In data that did not, one line feed in 256 has a carriage return before it.
 */
export class LineEndingWatch {
  #crlf = 0;
  #isBare = false;
  #last = 0;

  /** Looks at the next bytes; at none any more once a bare line feed was seen. */
  see(chunk: Buffer): void {
    if (this.#isBare) return;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) {
      if ((at === 0 ? this.#last : chunk[at - 1]) !== 13) {
        this.#isBare = true;
        return;
      }
      this.#crlf += 1;
    }
    this.#last = chunk.at(-1) ?? this.#last;
  }

  get changed(): boolean {
    return !this.#isBare && this.#crlf >= 2;
  }
}

export function haveLineEndingsChanged(head: Buffer): boolean {
  const watch = new LineEndingWatch();
  watch.see(head);
  return watch.changed;
}

export const LINE_ENDING_HINT =
  'Take the dump without a terminal: `docker exec` and `kubectl exec` without `-t`; with ftp, transfer it as binary.';

/** @returns where the first zero byte of what otherwise begins as SQL text is; undefined: none in the sample, or it is no text at all. */
export function zeroByteInText(head: Buffer): string | undefined {
  const at = head.subarray(0, SAMPLE_BYTES).indexOf(0);
  if (at < 16) return undefined;
  const before = head.toString('latin1', 0, at);
  return /^(?:\u00ef\u00bb\u00bf)?\s*(?:--|\/\*|SET |CREATE |DROP |BEGIN)[\t\n\r -\u00ff]*$/.test(before)
    ? formatCount(at)
    : undefined;
}
