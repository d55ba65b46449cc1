import type { Role } from '../support/vocabulary.ts';

/** An access token of a person or a program. The token itself is never stored. */
export interface TokenRecord {
  readonly id: string;
  /** Who or what it was created for; at most one active token per name. */
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Date;
  /** Rounded to the minute. undefined: never. */
  readonly lastUsedAt: Date | undefined;
  /** undefined: the token is active. */
  readonly revokedAt: Date | undefined;
}

export interface NewToken extends Pick<TokenRecord, 'id' | 'name' | 'role' | 'createdAt'> {
  /** SHA-256 in hex. A token has 256 random bits, so even a fast hash cannot be reversed; a slow one would only slow down each request. */
  readonly hash: string;
}

/** A signed-in browser session. */
export interface SessionRecord {
  /** SHA-256 of the cookie's value, in hex. */
  readonly hash: string;
  readonly createdAt: Date;
  /** To the minute. */
  readonly lastSeenAt: Date;
  /** When it expires, even if it is in use. */
  readonly expiresAt: Date;
  /** The active token that was used to sign in. */
  readonly token: TokenRecord;
}

export type NewSession = Omit<SessionRecord, 'token' | 'lastSeenAt'> & { readonly tokenId: string };

/** The part of a store that holds tokens and sessions. Each method is one transaction, and throws the same errors as the rest of the store. */
export interface AccessStore {
  /** @returns false, having stored nothing, if a token of that name is active. */
  addToken(token: NewToken): Promise<boolean>;
  /** All tokens in order of creation, including revoked ones. */
  getTokens(): Promise<readonly TokenRecord[]>;
  /** Whether a token was ever added, revoked or not. */
  hasTokens(): Promise<boolean>;
  /** Also ends the token's sessions. @returns false if no token of that name is active. */
  revokeToken(name: string, at: Date): Promise<boolean>;
  /** The active token with this hash. */
  findToken(hash: string): Promise<TokenRecord | undefined>;
  /** Also removes expired sessions. @returns false, having stored nothing, if the token is not active. */
  addSession(session: NewSession): Promise<boolean>;
  /** The caller must check expiry. Sessions of revoked tokens are not found. */
  findSession(hash: string): Promise<SessionRecord | undefined>;
  /** Records the use of the token, and of the session if there is one. */
  noteUse(tokenId: string, sessionHash: string | undefined, at: Date): Promise<void>;
  endSession(hash: string): Promise<void>;
}
