import type { KeyRing } from '../../layer.ts';
import type { Cipher } from './ciphers.ts';

/** A candidate key for the encrypted data of a message. */
export interface SessionKey {
  /** undefined: stated by the encrypted data (version 6 of the packet). */
  readonly cipher: Cipher | undefined;
  readonly key: Buffer;
  /** Whether its packet proves that it is the right one; otherwise only the data can tell. */
  readonly isProven: boolean;
  /** Fingerprint of the drill's key that unlocked it; see {@link KeyRing.noteUse}. */
  readonly fingerprint: string;
}

/**
 * Finds the session key that opens the data, using a function that tries one on the first bytes.
 * @throws the error that `refuse` returns when none does.
 */
export type ChooseKey = (opens: (key: SessionKey) => boolean) => SessionKey;
