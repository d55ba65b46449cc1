/** Decodes base64 that arrives in pieces, with LF or CR LF anywhere in it. Buffers up to three characters. */
export class Base64Decoder {
  #rest = '';
  #isPadded = false;

  /** @returns undefined when it is not base64, or continues after its padding. */
  push(text: string): Buffer | undefined {
    const all = this.#rest + text.replace(/[\r\n]+/g, '');
    const usable = all.slice(0, all.length - (all.length % 4));
    this.#rest = all.slice(usable.length);
    if (usable === '') return Buffer.alloc(0);
    if (this.#isPadded || !/^[A-Za-z0-9+/]+={0,2}$/.test(usable)) return undefined;
    this.#isPadded = usable.endsWith('=');
    return Buffer.from(usable, 'base64');
  }

  /** Whether the last group of four characters is complete. */
  get isWhole(): boolean {
    return this.#rest === '';
  }
}
