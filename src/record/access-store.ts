import type { Role } from '../support/vocabulary.ts';

/** What lets a person or a program in. The token itself is never stored. */
export interface TokenRecord {
  readonly id: string;
  /** Who it was made for; of one name there is one that is in force. */
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Date;
  /** To the minute. undefined: never. */
  readonly lastUsedAt: Date | undefined;
  /** undefined: it is in force. */
  readonly revokedAt: Date | undefined;
}

export interface NewToken extends Pick<TokenRecord, 'id' | 'name' | 'role' | 'createdAt'> {
  /** SHA-256 in hex. A token has 256 random bits: nobody finds it from a fast hash, and a slow one would only cost each request. */
  readonly hash: string;
}

/** A browser that was signed in. */
export interface SessionRecord {
  /** SHA-256 of what the cookie holds, in hex. */
  readonly hash: string;
  readonly createdAt: Date;
  /** To the minute. */
  readonly lastSeenAt: Date;
  /** It ends then, used or not. */
  readonly expiresAt: Date;
  /** What it was signed in with; in force. */
  readonly token: TokenRecord;
}

export type NewSession = Omit<SessionRecord, 'token' | 'lastSeenAt'> & { readonly tokenId: string };

/** The part of a store that lets people in. Each method is one transaction; it throws what every other part throws. */
export interface AccessStore {
  /** @returns false, having stored nothing, when one of that name is in force. */
  addToken(token: NewToken): Promise<boolean>;
  /** In the order in which they were made, the revoked ones too. */
  getTokens(): Promise<readonly TokenRecord[]>;
  /** Whether one was ever added, revoked or not. */
  hasTokens(): Promise<boolean>;
  /** Ends its sessions too. @returns false: none of that name is in force. */
  revokeToken(name: string, at: Date): Promise<boolean>;
  /** The one that is in force. */
  findToken(hash: string): Promise<TokenRecord | undefined>;
  /** Removes sessions that were over before. @returns false, having stored nothing, when the token is not in force. */
  addSession(session: NewSession): Promise<boolean>;
  /** Whether it is over is for the caller to say; one whose token was revoked is not there. */
  findSession(hash: string): Promise<SessionRecord | undefined>;
  /** Notes that the token was used, and the session where there is one. */
  noteUse(tokenId: string, sessionHash: string | undefined, at: Date): Promise<void>;
  endSession(hash: string): Promise<void>;
}
