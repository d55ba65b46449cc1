/** A stream cipher: each byte in gives one out. */
export interface StreamCipher {
  decrypt(bytes: Buffer): Buffer;
  /** Called in order with all encrypted bytes that belong to the member. */
  authenticate?(bytes: Buffer): void;
}
