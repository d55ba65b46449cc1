import type { AccessStore, NewSession, NewToken, TokenRecord } from '../../src/record/access-store.ts';
import { compare } from './compare.ts';

interface KeptToken extends NewToken {
  lastUsedAt: Date | undefined;
  revokedAt: Date | undefined;
}

interface KeptSession extends NewSession {
  lastSeenAt: Date;
}

/** The access data of the store in memory. */
export function createMemoryAccess(): AccessStore {
  const tokens = new Map<string, KeptToken>();
  const sessions = new Map<string, KeptSession>();
  const inForce = () => [...tokens.values()].filter(({ revokedAt }) => revokedAt === undefined);
  const toRecord = ({ hash: _, ...token }: KeptToken): TokenRecord => ({ ...token });

  return {
    async addToken(token) {
      if (inForce().some(({ name }) => name === token.name)) return false;
      tokens.set(token.id, { ...token, lastUsedAt: undefined, revokedAt: undefined });
      return true;
    },
    async getTokens() {
      const all = [...tokens.values()].map(toRecord);
      return all.toSorted((a, b) => compare(a.createdAt, b.createdAt) || compare(a.id, b.id));
    },
    async hasTokens() {
      return tokens.size > 0;
    },
    async revokeToken(name, at) {
      const token = inForce().find((one) => one.name === name);
      if (!token) return false;
      token.revokedAt = at;
      for (const [hash, { tokenId }] of sessions) if (tokenId === token.id) sessions.delete(hash);
      return true;
    },
    async findToken(hash) {
      const token = inForce().find((one) => one.hash === hash);
      return token && toRecord(token);
    },
    async addSession(session) {
      if (!inForce().some(({ id }) => id === session.tokenId)) return false;
      for (const [hash, { expiresAt }] of sessions) if (expiresAt <= session.createdAt) sessions.delete(hash);
      sessions.set(session.hash, { ...session, lastSeenAt: session.createdAt });
      return true;
    },
    async findSession(hash) {
      const session = sessions.get(hash);
      const token = inForce().find(({ id }) => id === session?.tokenId);
      if (!session || !token) return undefined;
      const { tokenId: _, ...rest } = session;
      return { ...rest, token: toRecord(token) };
    },
    async noteUse(tokenId, sessionHash, at) {
      const token = tokens.get(tokenId);
      if (token && !token.revokedAt) token.lastUsedAt = at;
      const session = sessionHash === undefined ? undefined : sessions.get(sessionHash);
      if (session) session.lastSeenAt = at;
    },
    async endSession(hash) {
      sessions.delete(hash);
    },
  };
}
