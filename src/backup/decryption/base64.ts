/** Decodes base64 that comes in pieces, with line endings of either kind anywhere in it. Holds up to three characters. */
export class Base64Decoder {
  #rest = '';
  #isPadded = false;

  /** @returns undefined when it is not base64, or goes on behind its padding. */
  push(text: string): Buffer | undefined {
    const all = this.#rest + text.replace(/[\r\n]+/g, '');
    const usable = all.slice(0, all.length - (all.length % 4));
    this.#rest = all.slice(usable.length);
    if (usable === '') return Buffer.alloc(0);
    if (this.#isPadded || !/^[A-Za-z0-9+/]+={0,2}$/.test(usable)) return undefined;
    this.#isPadded = usable.endsWith('=');
    return Buffer.from(usable, 'base64');
  }

  /** Whether nothing is missing from its last group of four characters. */
  get isWhole(): boolean {
    return this.#rest === '';
  }
}
