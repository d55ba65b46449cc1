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
