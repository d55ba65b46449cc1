/** A stream cipher: one byte out for each byte in. */
export interface StreamCipher {
  decrypt(bytes: Buffer): Buffer;
  /** Called with all encrypted bytes of the member, in order. */
  authenticate?(bytes: Buffer): void;
}
