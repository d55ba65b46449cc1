/**
 * Detects binary data in which every line feed was turned into carriage return and line feed, by a terminal (`docker exec -t`) or a text-mode transfer. In
 * intact data, only one line feed in 256 has a carriage return before it.
 */
export class LineEndingWatch {
  #crlf = 0;
  #isBare = false;
  #last = 0;

  /** Checks the next bytes; stops checking after the first bare line feed. */
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
