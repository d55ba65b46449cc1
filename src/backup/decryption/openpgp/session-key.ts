import type { KeyRing } from '../../layer.ts';
import type { Cipher } from './ciphers.ts';

/** A key that may open the encrypted data of a message. */
export interface SessionKey {
  /** Undefined: the encrypted data says which (version 6 of the packet). */
  readonly cipher: Cipher | undefined;
  readonly key: Buffer;
  /** Its packet has shown that it is the right one; of others, only the data can tell. */
  readonly isProven: boolean;
  /** Of the drill's key that it was found with; see {@link KeyRing.noteUse}. */
  readonly fingerprint: string;
}

/**
 * Finds the session key that opens the data, with a function that tries one on the beginning of it.
 * @throws what `refuse` gives when none does.
 */
export type ChooseKey = (opens: (key: SessionKey) => boolean) => SessionKey;
