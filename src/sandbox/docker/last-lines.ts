const MAX_BYTES = 8 * 1024;
const MAX_LINES = 12;

/** Keeps the end of what a program prints. */
export class LastLines {
  #text = '';

  add(piece: Buffer): undefined {
    this.#text = (this.#text + piece.toString('utf8')).slice(-MAX_BYTES);
  }

  get all(): readonly string[] {
    return this.#text.split(/\r?\n/).filter(Boolean).slice(-MAX_LINES);
  }
}
